"""Operators whose code comes with the SDK."""

from datetime import timedelta

from dagmesh import DAG, BashOperator, ExternalTaskSensor, TriggerDagRunOperator

with DAG('operators'):
    BashOperator(task_id='bash', bash_command='echo first; echo "{{ ds }}"')
    TriggerDagRunOperator(task_id='run', trigger_dag_id='other', wait_for_completion=True)
    ExternalTaskSensor(
        task_id='other', external_dag_id='other', execution_delta=timedelta(days=1), timeout=60
    )

"""People in the loop: a choice, a form, and an approval that stops the run when it is refused."""

from datetime import timedelta

from dagmesh import DAG, Approval, HumanBranch, HumanInput, Param, empty, task


@task
def publish(answer):
    print(f'publishing: {answer["params_input"]}')


with DAG('python_approval', schedule=None, tags=['example']):
    wording = HumanInput(
        'wording',
        subject='What shall the headline be?',
        options=['as it is', 'as below'],
        defaults=['as it is'],
        params={'headline': Param('Weather', type='string')},
        execution_timeout=timedelta(hours=1),
    )
    approve = Approval('approve', subject='Publish it?', body='It cannot be taken back.')
    where = HumanBranch('where', subject='Where?', options=['web', 'print'], multiple=True)
    wording >> approve >> where >> [empty('web'), empty('print')]
    approve >> publish(wording)

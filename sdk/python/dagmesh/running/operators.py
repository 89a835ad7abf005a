"""The code behind operators: runs a command, triggers a run, waits for another DAG."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dagmesh.authoring.trigger import ExternalTaskTrigger
from dagmesh.context import TaskContext
from dagmesh.errors import FailTask, SkipTask
from dagmesh.running.template import render
from dagmesh.running.waiting import defer

# Airflow's exit code of a command that wants to be skipped.
SKIP_EXIT_CODE = 99


def run_bash(
    ctx: TaskContext,
    bash_command: str,
    env: Mapping[str, str] | None = None,
    append_env: bool = False,
    cwd: str | None = None,
    skip_on_exit_code: int | Sequence[int] | None = SKIP_EXIT_CODE,
) -> str:
    """Runs a command with `{{ name }}` replaced by the context; the last line it prints is kept."""
    command = render(bash_command, ctx.inputs, ctx)
    own = {name: render(text, ctx.inputs, ctx) for name, text in (env or {}).items()}
    environment = {**os.environ, **own} if append_env or env is None else own
    last = ''
    process = subprocess.Popen(
        ['bash', '-c', command], env=environment, cwd=cwd, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            last = line.rstrip('\n')
            print(last)
    skips = skip_on_exit_code if isinstance(skip_on_exit_code, Sequence) else [skip_on_exit_code]
    if process.returncode in skips:
        raise SkipTask(f'the command exited with code {process.returncode}')
    if process.returncode != 0:
        raise RuntimeError(f'the command exited with code {process.returncode}')
    return last


def trigger_run(
    ctx: TaskContext,
    trigger_dag_id: str,
    conf: Mapping[str, Any] | None = None,
    logical_date: str | None = None,
    trigger_run_id: str = '',
    wait_for_completion: bool = False,
    allowed_states: Sequence[str] = ('success',),
    failed_states: Sequence[str] = ('failed',),
    poke_interval: float = 60,
) -> str:
    """Triggers a run, waits for its end when asked to, and answers its run_id."""
    if ctx.resume is not None:
        return str(ctx.resume.kwargs['run_id'])
    when = datetime.fromisoformat(render(logical_date, ctx)) if logical_date else None
    wanted = render(trigger_run_id, ctx)
    run_id = ctx.trigger_dag_run(trigger_dag_id, conf=conf, logical_date=when, run_id=wanted)
    if not wait_for_completion:
        return run_id
    trigger = ExternalTaskTrigger(
        trigger_dag_id,
        run_id=run_id,
        allowed_states=allowed_states,
        failed_states=failed_states,
        poke_interval=poke_interval,
    )
    return defer(trigger=trigger, kwargs={'run_id': run_id})


def wait_for_other_dag(
    ctx: TaskContext,
    external_dag_id: str,
    external_task_ids: Sequence[str] = (),
    external_task_group_id: str = '',
    execution_delta_s: float = 0,
    allowed_states: Sequence[str] = (),
    failed_states: Sequence[str] = (),
    skipped_states: Sequence[str] = (),
    look_every_s: float | None = None,
    wait_timeout_s: float | None = None,
) -> bool:
    """Waits for the run of another DAG whose logical date is so much earlier than this run's."""
    if ctx.resume is not None:
        return True
    if ctx.logical_date is None:
        raise FailTask('this run has no logical date, so there is none to look for')
    trigger = ExternalTaskTrigger(
        external_dag_id,
        logical_dates=[ctx.logical_date - timedelta(seconds=execution_delta_s)],
        external_task_ids=external_task_ids,
        external_task_group_id=external_task_group_id,
        allowed_states=allowed_states,
        failed_states=failed_states,
        skipped_states=skipped_states,
        poke_interval=look_every_s,
    )
    return defer(trigger=trigger, timeout=wait_timeout_s)

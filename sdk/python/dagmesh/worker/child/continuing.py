"""How an attempt goes on after its task waited, and how it begins to wait."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any, Callable

from dagmesh.authoring.trigger import trigger_of
from dagmesh.authoring.wire import Wire, duration_text, instant_of, instant_text
from dagmesh.context import TaskContext
from dagmesh.errors import (
    DeferralFailed,
    DeferralTimeout,
    Method,
    RescheduleTask,
    SensorTimeout,
    TaskAwaitingInput,
    TaskDeferred,
)
from dagmesh.running.json_text import to_json
from dagmesh.running.waiting import HumanResponse, Resume
from dagmesh.worker.child.arguments import accepted, arguments_for
from dagmesh.worker.child.handlers import DagFolder, parts_of
from dagmesh.worker.frames import Frame

TRIGGER_TIMEOUT = 'trigger_timeout'


def failure_of(resume: Resume, *, is_sensor: bool) -> Exception | None:
    """What a failed wait raises in the task; None when it did not fail."""
    if not resume.error:
        return None
    if resume.error != TRIGGER_TIMEOUT:
        return DeferralFailed(resume.error)
    told = 'what the task waited for has not come in time'
    return SensorTimeout(told) if is_sensor else DeferralTimeout(told)


def continuation(
    resume: Resume, handler_name: str, folder: DagFolder, context: TaskContext
) -> Callable[[], Any]:
    """The call of the method that the task named when it began to wait."""
    function = folder.resolve(f'{parts_of(handler_name)[0]}:{resume.method}').function
    offered = {'event': resume.event, 'response': resume.response, 'context': context}
    given = {**accepted(function, offered), **resume.kwargs}
    arguments = arguments_for(function, given, context)
    return lambda: function(**arguments)


def ending_of(
    wait: TaskDeferred | TaskAwaitingInput | RescheduleTask, handler_name: str, folder: DagFolder
) -> Frame:
    """The outcome of a task that begins to wait. Raises when the task could not go on."""
    if isinstance(wait, RescheduleTask):
        at = instant_text(wait.reschedule_date)
        return {'outcome': 'rescheduled', 'reschedule_at': at}
    goes_on = _going_on(wait.method_name, wait.kwargs, handler_name, folder)
    if isinstance(wait, TaskAwaitingInput):
        return {
            'outcome': 'awaiting_input',
            'await_input': {'human_input': dict(wait.question), **goes_on},
        }
    defer: Wire = {'trigger': trigger_of(wait.trigger).wire(), **goes_on}
    if wait.timeout is not None:
        defer['timeout'] = duration_text(wait.timeout)
    return {'outcome': 'deferred', 'defer': defer}


def resume_of(fields: Mapping[str, Any]) -> Resume:
    """What a lease says about how the task goes on."""
    event = fields.get('event_json')
    return Resume(
        method=fields.get('method', ''),
        kwargs=json.loads(fields.get('state_json') or '{}'),
        event=json.loads(event) if event else None,
        error=fields.get('error', ''),
        response=_response_of(fields['response']) if 'response' in fields else None,
    )


def _response_of(fields: Mapping[str, Any]) -> HumanResponse:
    return HumanResponse(
        chosen_options=list(fields.get('chosen_options', ())),
        params_input=json.loads(fields.get('params_json') or '{}'),
        responded_by=fields.get('responded_by', ''),
        responded_at=instant_of(fields.get('responded_at'), 'responded_at'),
    )


def _going_on(
    method: Method, kwargs: Mapping[str, Any], handler_name: str, folder: DagFolder
) -> Wire:
    name = getattr(method, '__name__', method)
    if name:
        file = parts_of(handler_name)[0]
        function = folder.resolve(f'{file}:{name}').function
        if inspect.isfunction(method) and function is not method:
            raise ValueError(f'{name} goes on after the wait, so it must be at the top of {file}')
    return {'method': name or '', 'state_json': to_json(dict(kwargs), 'the kwargs of the wait')}

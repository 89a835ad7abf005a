"""Runs one attempt inside a child and tells how it ended."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from typing import Any, Callable

from dagmesh.context import TaskContext
from dagmesh.errors import RescheduleTask, TaskAwaitingInput, TaskDeferred
from dagmesh.running.asset_events import Metadata
from dagmesh.running.current import set_current_context
from dagmesh.running.template import render
from dagmesh.worker.child import interrupt
from dagmesh.worker.child.arguments import arguments_for, transformed
from dagmesh.worker.child.callbacks import call_back
from dagmesh.worker.child.continuing import continuation, ending_of, failure_of
from dagmesh.worker.child.failure import outcome_of
from dagmesh.worker.child.frame_socket import FrameSocket
from dagmesh.worker.child.handlers import DagFolder, DagFolders, Handler
from dagmesh.worker.child.lease_context import context_of
from dagmesh.worker.child.mesh_calls import MeshCalls
from dagmesh.worker.child.notices import act
from dagmesh.worker.child.results import direction_of, xcoms_of
from dagmesh.worker.child.sensing import go_on, sense
from dagmesh.worker.frames import Frame

CALLBACK_RUN = 'callback'


def run_attempt(frame: Frame, link: FrameSocket, folders: DagFolders) -> Frame:
    """Runs the attempt of a `run` frame; answers the `finished` frame."""
    lease, size_max = frame['lease'], frame['xcom_size_max']
    interrupt.install()
    label = ''
    try:
        context = context_of(lease, MeshCalls(link))
        set_current_context(context)
        run = lambda: _run(folders.enter(lease['folder']), lease, context, size_max)  # noqa: E731
        try:
            ending = interrupt.run_interruptible(context, run)
        finally:
            label = context.map_label or render(context.map_index_template, context.inputs, context)
    except BaseException as error:
        ending = outcome_of(error)
    finally:
        set_current_context(None)
    return {'kind': 'finished', 'map_label': label, **ending}


def _run(
    folder: DagFolder, lease: Mapping[str, Any], context: TaskContext, xcom_size_max: int
) -> Frame:
    """Does what the lease asks for; answers the outcome when nothing is raised."""
    if lease['built_in'] is not None:
        act(lease['built_in'], context)
        return {'outcome': 'success', 'xcoms': []}
    name = lease['handler']
    handler = folder.resolve(name)
    if lease['run_type'] == CALLBACK_RUN:
        _awaited(call_back(handler.function, context), context)
        return {'outcome': 'success', 'xcoms': []}
    context.inputs = _inputs_of(folder, lease, context)
    try:
        result = _call(handler, name, folder, context)
    except (TaskDeferred, TaskAwaitingInput, RescheduleTask) as wait:
        pushed = [list(item) for item in context.xcoms_pushed.items()]
        return {**ending_of(wait, name, folder), 'xcoms': pushed}
    return {
        'outcome': 'success',
        'direction': direction_of(handler.behaviour, result),
        'xcoms': xcoms_of(handler.behaviour, result, context.xcoms_pushed, xcom_size_max),
        'asset_updates': context.outlet_events.updates(),
    }


def _call(handler: Handler, name: str, folder: DagFolder, context: TaskContext) -> Any:
    """Calls the handler, or what goes on after it waited; a sensor again and again."""
    is_sensor = handler.behaviour.kind == 'sensor'
    resume = context.resume

    def run() -> Any:
        arguments = arguments_for(handler.function, context.inputs, context)
        return _awaited(handler.function(**arguments), context)

    def continue_run() -> Any:
        assert resume is not None
        failure = failure_of(resume, is_sensor=is_sensor)
        if failure is not None:
            raise failure
        goes_on = continuation(resume, name, folder, context) if resume.method else None
        return _awaited(goes_on(), context) if goes_on else None

    if resume is not None and (resume.method or resume.error):
        options = handler.behaviour.sensor
        return go_on(continue_run, options) if is_sensor else continue_run()
    return sense(run, handler.behaviour.sensor, context) if is_sensor else run()


def _inputs_of(
    folder: DagFolder, lease: Mapping[str, Any], context: TaskContext
) -> Mapping[str, Any]:
    """The inputs after the functions of `.map` have changed them."""
    transforms = lease['input_transforms']
    if not transforms:
        return context.inputs
    node = folder.node(lease['handler'], context.dag_id, context.task_id)
    apply: Callable[[str, Any], Any] = lambda name, value: folder.resolve(name).function(value)  # noqa: E731
    shared = node.inputs if node is not None else ()
    return transformed(context.inputs, transforms, shared=shared, apply=apply)


def _awaited(result: Any, context: TaskContext) -> Any:
    """What a function answers in the end: coroutines are run, and metadata that it yields taken."""
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    if not inspect.isgenerator(result):
        return result
    while True:
        try:
            told = next(result)
        except StopIteration as end:
            return end.value
        if not isinstance(told, Metadata):
            raise TypeError(f'a task may yield Metadata(asset, extra), not {told!r}')
        context.outlet_events.take(told)

"""Runs one attempt inside a child and tells how it ended."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Callable

from dagmesh.context import (
    CONTEXT_NAMES,
    RETURN_VALUE,
    Connection,
    TaskContext,
    require_xcom_key,
    set_current_context,
    to_json,
)
from dagmesh.worker.child import interrupt
from dagmesh.worker.child.failure import XComLimit, outcome_of
from dagmesh.worker.child.frame_socket import FrameSocket
from dagmesh.worker.child.handlers import DagFolder, Handler
from dagmesh.worker.child.mesh_calls import MeshCalls
from dagmesh.worker.frames import Frame

# What one report may carry; the mesh takes a little more.
XCOMS_MAX = 1000
XCOMS_SIZE_MAX = 2 * 1024 * 1024

_PLAIN = [
    'dag_id',
    'run_id',
    'task_id',
    'map_index',
    'try_number',
    'tries_max',
    'attempt_id',
    'epoch',
] + ['run_type', 'queue']
_INSTANTS = ['logical_date', 'data_interval_start', 'data_interval_end']


def run_attempt(frame: Frame, link: FrameSocket, folder: DagFolder) -> Frame:
    """Runs the attempt of a `run` frame; answers the `finished` frame."""
    lease, size_max = frame['lease'], frame['xcom_size_max']
    interrupt.install()
    try:
        context = _context_of(lease, MeshCalls(link))
        set_current_context(context)
        run = lambda: _run(folder, lease['handler'], context, size_max)  # noqa: E731
        ending: Frame = {'outcome': 'success', 'xcoms': interrupt.run_interruptible(context, run)}
    except BaseException as error:
        ending = outcome_of(error)
    finally:
        set_current_context(None)
    return {'kind': 'finished', **ending}


def _run(
    folder: DagFolder, handler_name: str, context: TaskContext, xcom_size_max: int
) -> list[list[str]]:
    """Runs the handler; answers keys and values of what it returned and pushed."""
    handler = folder.resolve(handler_name)
    result = handler.function(**_arguments(handler.function, context))
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    texts = dict(context.xcoms_pushed)
    for key, value in _values_of(handler, result).items():
        try:
            texts[key] = to_json(value, _what(key))
        except TypeError as error:
            raise XComLimit(str(error)) from None
    _check_sizes(texts, xcom_size_max)
    return [[key, text] for key, text in texts.items()]


def _values_of(handler: Handler, result: Any) -> dict[str, Any]:
    # As in Airflow, None is not pushed: whoever reads it finds nothing, which is None again.
    if result is None:
        return {}
    if not handler.multiple_outputs:
        return {RETURN_VALUE: result}
    if not isinstance(result, Mapping):
        raise TypeError('a task with multiple_outputs returns a dict')
    for key in result:
        require_xcom_key(key)
    return {**result, RETURN_VALUE: result}


def _check_sizes(texts: Mapping[str, str], xcom_size_max: int) -> None:
    sizes = {key: len(text.encode()) for key, text in texts.items()}
    for key, size in sizes.items():
        if size > xcom_size_max:
            raise XComLimit(
                f'{_what(key)} has {size:,} bytes of JSON; at most {xcom_size_max:,} are allowed. '
                'Store it elsewhere and return where it is.'
            )
    if len(sizes) > XCOMS_MAX or sum(sizes.values()) > XCOMS_SIZE_MAX:
        raise XComLimit(
            f'{len(sizes):,} XComs with {sum(sizes.values()):,} bytes of JSON are too much; '
            f'at most {XCOMS_MAX:,} with {XCOMS_SIZE_MAX:,} bytes are allowed.'
        )


def _what(key: str) -> str:
    return 'the return value' if key == RETURN_VALUE else f'the XCom {key!r}'


def _arguments(function: Callable[..., Any], context: TaskContext) -> dict[str, Any]:
    """The inputs, and what the function takes of the context without having been given it."""
    arguments = dict(context.inputs)
    for name, parameter in inspect.signature(function).parameters.items():
        if name in arguments:
            continue
        if name == 'ctx':
            arguments[name] = context
        elif name in CONTEXT_NAMES:
            try:
                arguments[name] = context[name]
            except KeyError:
                # `ds` and `ts` do not exist in a run without a date; a default may stand for them.
                if parameter.default is parameter.empty:
                    raise
    return arguments


def _context_of(lease: Mapping[str, Any], call: MeshCalls) -> TaskContext:
    return TaskContext(
        **{name: lease[name] for name in _PLAIN},
        **{name: _instant(lease[name]) for name in _INSTANTS},
        params=json.loads(lease['params_json'] or '{}'),
        inputs=json.loads(lease['inputs_json'] or '{}'),
        connections={fields['conn_id']: Connection(**fields) for fields in lease['connections']},
        call=call,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

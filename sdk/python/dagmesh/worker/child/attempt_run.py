"""Runs one attempt inside a child and tells how it ended."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Callable

from dagmesh.context import (
    CONTEXT_NAMES,
    RETURN_VALUE,
    Connection,
    TaskContext,
    set_current_context,
    to_json,
)
from dagmesh.errors import FailTask, MeshError, NotFoundError, RetryTask, SkipTask, TaskCancelled
from dagmesh.worker.child import interrupt
from dagmesh.worker.frames import Frame, FrameSocket
from dagmesh.worker.child.handlers import DagFolder, Handler, HandlerMissing

_MACHINERY = str(Path(__file__).parent)


class XComLimit(Exception):
    """The task returned or pushed what an XCom cannot hold."""


@dataclass
class _Calls:
    """Calls of the running task to the mesh; the supervisor makes them."""

    link: FrameSocket
    lock: Any
    count: int = 0

    def __call__(self, method: str, **arguments: Any) -> dict[str, Any]:
        with self.lock:
            self.count += 1
            self.link.send(
                {'kind': 'call', 'id': self.count, 'method': method, 'arguments': arguments}
            )
            while True:
                frame = self.link.receive()
                if frame is None:
                    raise MeshError('UNAVAILABLE', 'the worker has gone away')
                # An answer to a call that a cancel interrupted may still be on its way.
                if frame['kind'] == 'answer' and frame['id'] == self.count:
                    break
        if 'error' in frame:
            error = NotFoundError if frame['error']['code'] == 'NOT_FOUND' else MeshError
            raise error(frame['error']['code'], frame['error']['message'])
        return frame['value']


def run_attempt(frame: Frame, link: FrameSocket, folder: DagFolder) -> Frame:
    """Runs the attempt of a `run` frame; answers the `finished` frame."""
    context = _context_of(frame['lease'], _Calls(link, threading.Lock()))
    interrupt.install()
    set_current_context(context)
    try:
        xcoms = interrupt.run_interruptible(context, lambda: _run(frame, context, folder))
        finished: Frame = {'outcome': 'success', 'xcoms': xcoms}
    except TaskCancelled as error:
        finished = {'outcome': 'cancelled', 'error': _error_of(error, 'exception')}
    except SkipTask as error:
        finished = {'outcome': 'skipped', 'reason': str(error)}
    except SystemExit as error:
        finished = _failed(error, 'exited', message=f'the task called sys.exit({error.code!r})')
    except MemoryError as error:
        finished = _failed(
            error, 'out_of_memory', message=str(error) or 'the task ran out of memory'
        )
    except XComLimit as error:
        finished = _failed(error, 'limit', error_class='XComLimit')
    except HandlerMissing as error:
        # Trying again on the same files cannot help.
        finished = _failed(
            error, 'exception', error_class='HandlerNotFound', stack='', is_final=True
        )
    except RetryTask as error:
        finished = _failed(error, 'exception', retry_delay_s=error.delay.total_seconds())
    except BaseException as error:
        finished = _failed(error, 'exception', is_final=isinstance(error, FailTask))
    finally:
        set_current_context(None)
    return {'kind': 'finished', 'attempt_id': context.attempt_id, **finished}


def _run(frame: Frame, context: TaskContext, folder: DagFolder) -> list[list[str]]:
    handler = folder.resolve(frame['lease']['handler'])
    result = handler.function(**_arguments(handler.function, context))
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    for key, value in _values_of(handler, result).items():
        try:
            context.xcoms_pushed[key] = to_json(value, _what(key))
        except TypeError as error:
            raise XComLimit(str(error)) from None
    for key, text in context.xcoms_pushed.items():
        size = len(text.encode())
        if size > frame['xcom_size_max']:
            raise XComLimit(
                f'{_what(key)} has {size:,} bytes of JSON; at most {frame["xcom_size_max"]:,} are allowed. '
                'Store it elsewhere and return where it is.'
            )
    return [[key, text] for key, text in context.xcoms_pushed.items()]


def _what(key: str) -> str:
    return 'the return value' if key == RETURN_VALUE else f'the XCom {key!r}'


def _values_of(handler: Handler, result: Any) -> dict[str, Any]:
    # As in Airflow, None is not pushed; whoever reads it downstream finds nothing, which is None
    # again.
    if result is None:
        return {}
    values = {RETURN_VALUE: result}
    if handler.multiple_outputs:
        if not isinstance(result, Mapping) or not all(isinstance(key, str) for key in result):
            raise TypeError('a task with multiple_outputs returns a dict whose keys are strings')
        values = {**result, **values}
    return values


def _arguments(function: Callable[..., Any], context: TaskContext) -> dict[str, Any]:
    arguments = dict(context.inputs)
    for name, parameter in inspect.signature(function).parameters.items():
        if name in arguments or parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        if name == 'ctx':
            arguments[name] = context
        elif name in CONTEXT_NAMES and not (name in ('ds', 'ts') and context.logical_date is None):
            arguments[name] = getattr(context, name)
    return arguments


def _context_of(lease: Mapping[str, Any], call: _Calls) -> TaskContext:
    plain = 'dag_id run_id task_id map_index try_number tries_max attempt_id epoch run_type queue'.split()
    instants = 'logical_date data_interval_start data_interval_end'.split()
    return TaskContext(
        **{name: lease[name] for name in plain},
        **{name: _instant(lease[name]) for name in instants},
        params=json.loads(lease['params_json'] or '{}'),
        inputs=json.loads(lease['inputs_json'] or '{}'),
        connections={fields['conn_id']: Connection(**fields) for fields in lease['connections']},
        call=call,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _failed(error: BaseException, reason: str, **overrides: Any) -> Frame:
    return {'outcome': 'failed', 'error': {**_error_of(error, reason), **overrides}}


def _error_of(error: BaseException, reason: str) -> dict[str, Any]:
    return {
        'error_class': _class_name(error),
        'message': _message_of(error),
        'stack': _stack_of(error),
        'reason': reason,
    }


def _class_name(error: BaseException) -> str:
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == 'builtins'
        else f'{kind.__module__}.{kind.__qualname__}'
    )


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return '(the error has no message that could be read)'


def _stack_of(error: BaseException) -> str:
    """The traceback from the task's own code on; the frames of the worker would only distract."""
    try:
        return ''.join(
            traceback.format_exception(type(error), error, _own_part(error.__traceback__))
        )
    except Exception:
        return '(the traceback could not be written)'


def _own_part(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_MACHINERY):
        trace = trace.tb_next
    return trace

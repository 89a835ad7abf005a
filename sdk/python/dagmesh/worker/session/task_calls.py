"""Makes the calls of running tasks to the mesh: children have neither a token nor a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Callable, NamedTuple

import grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from dagmesh.gen.worker.v1 import attempt_pb2
from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from dagmesh.gen.worker.v1.worker_service_pb2_grpc import WorkerServiceStub
from dagmesh.worker.attempts.lease import plain_connection, plain_message
from dagmesh.worker.frames import Frame
from dagmesh.worker.session.wire import PASSING, Metadata

CALL_TIMEOUT_S = 10.0
# How long an unreachable mesh is tried again before the task is told.
RETRY_FOR_S = 60.0
RETRY_FIRST_S = 0.1
RETRY_MAX_S = 3.0

Arguments = Mapping[str, Any]


class _Call(NamedTuple):
    """How a call of a task becomes an RPC, and its answer plain values again."""

    rpc: str
    request: Callable[[str, Arguments], Message]
    answer: Callable[[Any], dict[str, Any]]


def _nothing(_answer: Any) -> dict[str, Any]:
    return {}


def _push_request(token: str, arguments: Arguments) -> Message:
    return pb.PushXComRequest(attempt_token=token, xcom=attempt_pb2.XCom(**arguments))


def _trigger_request(token: str, arguments: Arguments) -> Message:
    return _with_instants(pb.TriggerDagRunRequest, ('logical_date',), token, arguments)


def _events_request(token: str, arguments: Arguments) -> Message:
    return _with_instants(pb.ListAssetEventsRequest, ('after', 'before'), token, arguments)


def _with_instants(
    request: Callable[..., Message], names: tuple[str, ...], token: str, arguments: Arguments
) -> Message:
    """Instants come in ISO 8601; those that are absent stay so."""
    fields = {name: value for name, value in arguments.items() if name not in names}
    for name in names:
        if arguments.get(name) is not None:
            fields[name] = Timestamp()
            fields[name].FromDatetime(datetime.fromisoformat(arguments[name]))
    return request(attempt_token=token, **fields)


def _plain(request: Callable[..., Message]) -> Callable[[str, Arguments], Message]:
    return lambda token, arguments: request(attempt_token=token, **arguments)


CALLS: dict[str, _Call] = {
    'get_connection': _Call(
        'GetConnection',
        _plain(pb.GetConnectionRequest),
        lambda answer: plain_connection(answer.connection),
    ),
    'get_variable': _Call(
        'GetVariable', _plain(pb.GetVariableRequest), lambda answer: {'value': answer.value}
    ),
    'set_variable': _Call('SetVariable', _plain(pb.SetVariableRequest), _nothing),
    'delete_variable': _Call('DeleteVariable', _plain(pb.DeleteVariableRequest), _nothing),
    'push_xcom': _Call('PushXCom', _push_request, _nothing),
    'pull_xcom': _Call(
        'PullXCom',
        _plain(pb.PullXComRequest),
        lambda answer: {'value_json': answer.value_json, 'mapped_count': answer.mapped_count},
    ),
    'list_xcoms': _Call(
        'ListXComs', _plain(pb.ListXComsRequest), lambda answer: {'keys': list(answer.keys)}
    ),
    'delete_xcom': _Call('DeleteXCom', _plain(pb.DeleteXComRequest), _nothing),
    'get_task_states': _Call(
        'GetTaskStates',
        _plain(pb.GetTaskStatesRequest),
        lambda answer: {'states': dict(answer.states)},
    ),
    'trigger_dag_run': _Call(
        'TriggerDagRun', _trigger_request, lambda answer: {'run_id': answer.run_id}
    ),
    'list_asset_events': _Call(
        'ListAssetEvents',
        _events_request,
        lambda answer: {'events': [plain_message(event) for event in answer.events]},
    ),
    'get_state': _Call(
        'GetState', _plain(pb.GetStateRequest), lambda answer: {'value_json': answer.value_json}
    ),
    'set_state': _Call('SetState', _plain(pb.SetStateRequest), _nothing),
    'delete_state': _Call('DeleteState', _plain(pb.DeleteStateRequest), _nothing),
}


# The reason with which the mesh refuses calls for an attempt that is no longer live.
STALE_ATTEMPT = 'stale_attempt'


async def make_call(
    stub: Callable[[], WorkerServiceStub],
    metadata: Metadata,
    token: Callable[[], str],
    method: str,
    arguments: Arguments,
) -> Frame:
    """Makes one call, again for a while when the mesh cannot be reached.

    Answers `{"value": …}`, or `{"error": {"code", "message"}}` when it was refused.
    """
    call = CALLS[method]
    loop = asyncio.get_running_loop()
    give_up_at, delay_s = loop.time() + RETRY_FOR_S, RETRY_FIRST_S
    while True:
        try:
            request = call.request(token(), arguments)
            rpc = getattr(stub(), call.rpc)
            answer = await rpc(request, metadata=metadata, timeout=CALL_TIMEOUT_S)
            return {'value': call.answer(answer)}
        except (TypeError, ValueError) as error:
            return _refusal('INVALID_ARGUMENT', str(error))
        except grpc.aio.AioRpcError as error:
            if error.code() not in PASSING or loop.time() + delay_s > give_up_at:
                return _refusal(_code_of(error), error.details() or error.code().name)
        await asyncio.sleep(delay_s)
        delay_s = min(delay_s * 2, RETRY_MAX_S)


def _refusal(code: str, message: str) -> Frame:
    return {'error': {'code': code, 'message': message}}


def _code_of(error: grpc.aio.AioRpcError) -> str:
    """The name of the status, except for stale attempts.

    Their reason stands in google.rpc.ErrorInfo; as no other text there can be that word, it is
    looked for as bytes, which spares the SDK the descriptors.
    """
    for name, value in error.trailing_metadata() or ():
        if name == 'grpc-status-details-bin' and STALE_ATTEMPT.encode() in bytes(value):
            return STALE_ATTEMPT
    return error.code().name

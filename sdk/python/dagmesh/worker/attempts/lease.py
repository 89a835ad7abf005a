"""A lease as the plain values that travel to a child; its token stays with the supervisor."""

from __future__ import annotations

from datetime import timezone
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from dagmesh.gen.worker.v1 import attempt_pb2

_PLAIN = (
    *('attempt_id', 'epoch', 'dag_id', 'run_id', 'task_id', 'map_index', 'try_number'),
    *('tries_max', 'handler', 'queue', 'inputs_json', 'params_json', 'run_type'),
    *('reschedules_count', 'partition_key', 'map_index_template', 'expanded_ti_count'),
)
_INSTANTS = (
    *('logical_date', 'data_interval_start', 'data_interval_end', 'run_after', 'waiting_since'),
)
_LISTS = ('input_transforms', 'triggering_asset_events', 'outlets', 'inlets')
_PARTS = ('resume', 'built_in')


def plain_lease(lease: attempt_pb2.Lease) -> dict[str, Any]:
    """What a child needs of a lease; instants in ISO 8601, absent ones as None, and messages in the
    JSON of the contracts.
    """
    return {
        **{name: getattr(lease, name) for name in _PLAIN},
        **{name: _iso(lease, name) for name in _INSTANTS},
        **{name: [plain_message(each) for each in getattr(lease, name)] for name in _LISTS},
        **{
            name: plain_message(getattr(lease, name)) if lease.HasField(name) else None
            for name in _PARTS
        },
        'connections': [plain_connection(connection) for connection in lease.connections],
        'execution_timeout_s': lease.execution_timeout.ToTimedelta().total_seconds(),
    }


def plain_connection(connection: attempt_pb2.ResolvedConnection) -> dict[str, Any]:
    """A connection as the arguments of `dagmesh.Connection`."""
    names = ('conn_id', 'conn_type', 'host', 'schema', 'login', 'password', 'port')
    return {**{name: getattr(connection, name) for name in names}, 'extra': connection.extra_json}


def plain_message(message: Message) -> dict[str, Any]:
    """A message in the JSON of the contracts, with the names of the contracts."""
    return MessageToDict(message, preserving_proto_field_name=True)


def _iso(lease: attempt_pb2.Lease, name: str) -> str | None:
    instant: Timestamp = getattr(lease, name)
    return instant.ToDatetime(timezone.utc).isoformat() if lease.HasField(name) else None

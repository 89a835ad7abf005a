import datetime

from dagmesh.gen.dag.v1 import asset_pb2 as _asset_pb2
from dagmesh.gen.worker.v1 import attempt_pb2 as _attempt_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AttemptStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTEMPT_STATUS_UNSPECIFIED: _ClassVar[AttemptStatus]
    ATTEMPT_STATUS_RECORDED: _ClassVar[AttemptStatus]
    ATTEMPT_STATUS_STALE: _ClassVar[AttemptStatus]
    ATTEMPT_STATUS_KEEP: _ClassVar[AttemptStatus]
    ATTEMPT_STATUS_REFUSED: _ClassVar[AttemptStatus]

class CancelStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_STEP_UNSPECIFIED: _ClassVar[CancelStep]
    CANCEL_STEP_SIGNALLED: _ClassVar[CancelStep]
    CANCEL_STEP_KILLED: _ClassVar[CancelStep]
    CANCEL_STEP_EXITED: _ClassVar[CancelStep]
    CANCEL_STEP_UNKNOWN: _ClassVar[CancelStep]

class StateScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_SCOPE_UNSPECIFIED: _ClassVar[StateScope]
    STATE_SCOPE_TASK_INSTANCE: _ClassVar[StateScope]
    STATE_SCOPE_ASSET: _ClassVar[StateScope]
ATTEMPT_STATUS_UNSPECIFIED: AttemptStatus
ATTEMPT_STATUS_RECORDED: AttemptStatus
ATTEMPT_STATUS_STALE: AttemptStatus
ATTEMPT_STATUS_KEEP: AttemptStatus
ATTEMPT_STATUS_REFUSED: AttemptStatus
CANCEL_STEP_UNSPECIFIED: CancelStep
CANCEL_STEP_SIGNALLED: CancelStep
CANCEL_STEP_KILLED: CancelStep
CANCEL_STEP_EXITED: CancelStep
CANCEL_STEP_UNKNOWN: CancelStep
STATE_SCOPE_UNSPECIFIED: StateScope
STATE_SCOPE_TASK_INSTANCE: StateScope
STATE_SCOPE_ASSET: StateScope

class SessionRequest(_message.Message):
    __slots__ = ("hello", "credit", "accepted", "heartbeat", "finished", "cancel_progress", "drain")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    CANCEL_PROGRESS_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    credit: Credit
    accepted: Accepted
    heartbeat: SessionHeartbeat
    finished: Finished
    cancel_progress: CancelProgress
    drain: Drain
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ..., accepted: _Optional[_Union[Accepted, _Mapping]] = ..., heartbeat: _Optional[_Union[SessionHeartbeat, _Mapping]] = ..., finished: _Optional[_Union[Finished, _Mapping]] = ..., cancel_progress: _Optional[_Union[CancelProgress, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ...) -> None: ...

class SessionResponse(_message.Message):
    __slots__ = ("welcome", "leases", "heartbeat_result", "recorded", "cancel", "drain", "go_away")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_RESULT_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    GO_AWAY_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    leases: Leases
    heartbeat_result: HeartbeatResult
    recorded: Recorded
    cancel: Cancel
    drain: DrainRequest
    go_away: GoAway
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., leases: _Optional[_Union[Leases, _Mapping]] = ..., heartbeat_result: _Optional[_Union[HeartbeatResult, _Mapping]] = ..., recorded: _Optional[_Union[Recorded, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., drain: _Optional[_Union[DrainRequest, _Mapping]] = ..., go_away: _Optional[_Union[GoAway, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("protocol_version", "worker_id", "language", "sdk", "queues", "slots", "labels", "held_attempt_tokens", "unacknowledged")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SDK_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    HELD_ATTEMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    UNACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    protocol_version: int
    worker_id: str
    language: str
    sdk: str
    queues: _containers.RepeatedScalarFieldContainer[str]
    slots: int
    labels: _containers.ScalarMap[str, str]
    held_attempt_tokens: _containers.RepeatedScalarFieldContainer[str]
    unacknowledged: _containers.RepeatedCompositeFieldContainer[_attempt_pb2.AttemptReport]
    def __init__(self, protocol_version: _Optional[int] = ..., worker_id: _Optional[str] = ..., language: _Optional[str] = ..., sdk: _Optional[str] = ..., queues: _Optional[_Iterable[str]] = ..., slots: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ..., held_attempt_tokens: _Optional[_Iterable[str]] = ..., unacknowledged: _Optional[_Iterable[_Union[_attempt_pb2.AttemptReport, _Mapping]]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("session_id", "heartbeat_interval", "lease_ttl", "kill_grace", "xcom_size_max", "log_chunk_max", "log_size_max", "resumed")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LEASE_TTL_FIELD_NUMBER: _ClassVar[int]
    KILL_GRACE_FIELD_NUMBER: _ClassVar[int]
    XCOM_SIZE_MAX_FIELD_NUMBER: _ClassVar[int]
    LOG_CHUNK_MAX_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_MAX_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    heartbeat_interval: _duration_pb2.Duration
    lease_ttl: _duration_pb2.Duration
    kill_grace: _duration_pb2.Duration
    xcom_size_max: int
    log_chunk_max: int
    log_size_max: int
    resumed: _containers.RepeatedCompositeFieldContainer[AttemptResult]
    def __init__(self, session_id: _Optional[str] = ..., heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lease_ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., kill_grace: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., xcom_size_max: _Optional[int] = ..., log_chunk_max: _Optional[int] = ..., log_size_max: _Optional[int] = ..., resumed: _Optional[_Iterable[_Union[AttemptResult, _Mapping]]] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("slots",)
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    slots: int
    def __init__(self, slots: _Optional[int] = ...) -> None: ...

class Leases(_message.Message):
    __slots__ = ("leases",)
    LEASES_FIELD_NUMBER: _ClassVar[int]
    leases: _containers.RepeatedCompositeFieldContainer[_attempt_pb2.Lease]
    def __init__(self, leases: _Optional[_Iterable[_Union[_attempt_pb2.Lease, _Mapping]]] = ...) -> None: ...

class Accepted(_message.Message):
    __slots__ = ("attempt_ids",)
    ATTEMPT_IDS_FIELD_NUMBER: _ClassVar[int]
    attempt_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, attempt_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class SessionHeartbeat(_message.Message):
    __slots__ = ("attempt_ids",)
    ATTEMPT_IDS_FIELD_NUMBER: _ClassVar[int]
    attempt_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, attempt_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class HeartbeatResult(_message.Message):
    __slots__ = ("lost_attempt_ids", "refreshed_tokens")
    LOST_ATTEMPT_IDS_FIELD_NUMBER: _ClassVar[int]
    REFRESHED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    lost_attempt_ids: _containers.RepeatedScalarFieldContainer[str]
    refreshed_tokens: _containers.RepeatedCompositeFieldContainer[RefreshedToken]
    def __init__(self, lost_attempt_ids: _Optional[_Iterable[str]] = ..., refreshed_tokens: _Optional[_Iterable[_Union[RefreshedToken, _Mapping]]] = ...) -> None: ...

class RefreshedToken(_message.Message):
    __slots__ = ("attempt_id", "attempt_token")
    ATTEMPT_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    attempt_id: str
    attempt_token: str
    def __init__(self, attempt_id: _Optional[str] = ..., attempt_token: _Optional[str] = ...) -> None: ...

class Finished(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_attempt_pb2.AttemptReport]
    def __init__(self, reports: _Optional[_Iterable[_Union[_attempt_pb2.AttemptReport, _Mapping]]] = ...) -> None: ...

class Recorded(_message.Message):
    __slots__ = ("results", "leases")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[AttemptResult]
    leases: _containers.RepeatedCompositeFieldContainer[_attempt_pb2.Lease]
    def __init__(self, results: _Optional[_Iterable[_Union[AttemptResult, _Mapping]]] = ..., leases: _Optional[_Iterable[_Union[_attempt_pb2.Lease, _Mapping]]] = ...) -> None: ...

class AttemptResult(_message.Message):
    __slots__ = ("attempt_id", "status", "reason")
    ATTEMPT_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    attempt_id: str
    status: AttemptStatus
    reason: str
    def __init__(self, attempt_id: _Optional[str] = ..., status: _Optional[_Union[AttemptStatus, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("attempt_ids", "mode", "grace", "reason")
    ATTEMPT_IDS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    GRACE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    attempt_ids: _containers.RepeatedScalarFieldContainer[str]
    mode: _attempt_pb2.CancelMode
    grace: _duration_pb2.Duration
    reason: str
    def __init__(self, attempt_ids: _Optional[_Iterable[str]] = ..., mode: _Optional[_Union[_attempt_pb2.CancelMode, str]] = ..., grace: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelProgress(_message.Message):
    __slots__ = ("attempt_id", "step")
    ATTEMPT_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    attempt_id: str
    step: CancelStep
    def __init__(self, attempt_id: _Optional[str] = ..., step: _Optional[_Union[CancelStep, str]] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DrainRequest(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class GoAway(_message.Message):
    __slots__ = ("address",)
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    address: str
    def __init__(self, address: _Optional[str] = ...) -> None: ...

class StreamLogsRequest(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: LogChunk
    def __init__(self, chunk: _Optional[_Union[LogChunk, _Mapping]] = ...) -> None: ...

class LogChunk(_message.Message):
    __slots__ = ("attempt_token", "offset", "content")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    offset: int
    content: bytes
    def __init__(self, attempt_token: _Optional[str] = ..., offset: _Optional[int] = ..., content: _Optional[bytes] = ...) -> None: ...

class StreamLogsResponse(_message.Message):
    __slots__ = ("attempt_id", "stored_size")
    ATTEMPT_ID_FIELD_NUMBER: _ClassVar[int]
    STORED_SIZE_FIELD_NUMBER: _ClassVar[int]
    attempt_id: str
    stored_size: int
    def __init__(self, attempt_id: _Optional[str] = ..., stored_size: _Optional[int] = ...) -> None: ...

class AcquireTasksRequest(_message.Message):
    __slots__ = ("worker_id", "queues", "slots", "wait", "language")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    queues: _containers.RepeatedScalarFieldContainer[str]
    slots: int
    wait: _duration_pb2.Duration
    language: str
    def __init__(self, worker_id: _Optional[str] = ..., queues: _Optional[_Iterable[str]] = ..., slots: _Optional[int] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., language: _Optional[str] = ...) -> None: ...

class AcquireTasksResponse(_message.Message):
    __slots__ = ("leases", "heartbeat_interval", "lease_ttl")
    LEASES_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LEASE_TTL_FIELD_NUMBER: _ClassVar[int]
    leases: _containers.RepeatedCompositeFieldContainer[_attempt_pb2.Lease]
    heartbeat_interval: _duration_pb2.Duration
    lease_ttl: _duration_pb2.Duration
    def __init__(self, leases: _Optional[_Iterable[_Union[_attempt_pb2.Lease, _Mapping]]] = ..., heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lease_ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class HeartbeatRequest(_message.Message):
    __slots__ = ("worker_id", "attempt_tokens")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    attempt_tokens: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, worker_id: _Optional[str] = ..., attempt_tokens: _Optional[_Iterable[str]] = ...) -> None: ...

class HeartbeatResponse(_message.Message):
    __slots__ = ("lost_attempt_ids", "cancelled_attempt_ids", "refreshed_tokens")
    LOST_ATTEMPT_IDS_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_ATTEMPT_IDS_FIELD_NUMBER: _ClassVar[int]
    REFRESHED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    lost_attempt_ids: _containers.RepeatedScalarFieldContainer[str]
    cancelled_attempt_ids: _containers.RepeatedScalarFieldContainer[str]
    refreshed_tokens: _containers.RepeatedCompositeFieldContainer[RefreshedToken]
    def __init__(self, lost_attempt_ids: _Optional[_Iterable[str]] = ..., cancelled_attempt_ids: _Optional[_Iterable[str]] = ..., refreshed_tokens: _Optional[_Iterable[_Union[RefreshedToken, _Mapping]]] = ...) -> None: ...

class ReportTasksRequest(_message.Message):
    __slots__ = ("worker_id", "reports")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    reports: _containers.RepeatedCompositeFieldContainer[_attempt_pb2.AttemptReport]
    def __init__(self, worker_id: _Optional[str] = ..., reports: _Optional[_Iterable[_Union[_attempt_pb2.AttemptReport, _Mapping]]] = ...) -> None: ...

class ReportTasksResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[AttemptResult]
    def __init__(self, results: _Optional[_Iterable[_Union[AttemptResult, _Mapping]]] = ...) -> None: ...

class AppendLogRequest(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: LogChunk
    def __init__(self, chunk: _Optional[_Union[LogChunk, _Mapping]] = ...) -> None: ...

class AppendLogResponse(_message.Message):
    __slots__ = ("stored_size",)
    STORED_SIZE_FIELD_NUMBER: _ClassVar[int]
    stored_size: int
    def __init__(self, stored_size: _Optional[int] = ...) -> None: ...

class GetConnectionRequest(_message.Message):
    __slots__ = ("attempt_token", "conn_id")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    conn_id: str
    def __init__(self, attempt_token: _Optional[str] = ..., conn_id: _Optional[str] = ...) -> None: ...

class GetConnectionResponse(_message.Message):
    __slots__ = ("connection",)
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    connection: _attempt_pb2.ResolvedConnection
    def __init__(self, connection: _Optional[_Union[_attempt_pb2.ResolvedConnection, _Mapping]] = ...) -> None: ...

class GetVariableRequest(_message.Message):
    __slots__ = ("attempt_token", "key")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    key: str
    def __init__(self, attempt_token: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class GetVariableResponse(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: str
    def __init__(self, value: _Optional[str] = ...) -> None: ...

class SetVariableRequest(_message.Message):
    __slots__ = ("attempt_token", "key", "value", "description")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    key: str
    value: str
    description: str
    def __init__(self, attempt_token: _Optional[str] = ..., key: _Optional[str] = ..., value: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class SetVariableResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeleteVariableRequest(_message.Message):
    __slots__ = ("attempt_token", "key")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    key: str
    def __init__(self, attempt_token: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class DeleteVariableResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PushXComRequest(_message.Message):
    __slots__ = ("attempt_token", "xcom")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    XCOM_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    xcom: _attempt_pb2.XCom
    def __init__(self, attempt_token: _Optional[str] = ..., xcom: _Optional[_Union[_attempt_pb2.XCom, _Mapping]] = ...) -> None: ...

class PushXComResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PullXComRequest(_message.Message):
    __slots__ = ("attempt_token", "task_id", "key", "map_index", "map_indexes", "dag_id", "run_id", "include_prior_dates", "slice")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    MAP_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAP_INDEXES_FIELD_NUMBER: _ClassVar[int]
    DAG_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_PRIOR_DATES_FIELD_NUMBER: _ClassVar[int]
    SLICE_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    task_id: str
    key: str
    map_index: int
    map_indexes: _containers.RepeatedScalarFieldContainer[int]
    dag_id: str
    run_id: str
    include_prior_dates: bool
    slice: XComSlice
    def __init__(self, attempt_token: _Optional[str] = ..., task_id: _Optional[str] = ..., key: _Optional[str] = ..., map_index: _Optional[int] = ..., map_indexes: _Optional[_Iterable[int]] = ..., dag_id: _Optional[str] = ..., run_id: _Optional[str] = ..., include_prior_dates: bool = ..., slice: _Optional[_Union[XComSlice, _Mapping]] = ...) -> None: ...

class XComSlice(_message.Message):
    __slots__ = ("start", "stop", "step")
    START_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    start: int
    stop: int
    step: int
    def __init__(self, start: _Optional[int] = ..., stop: _Optional[int] = ..., step: _Optional[int] = ...) -> None: ...

class PullXComResponse(_message.Message):
    __slots__ = ("value_json", "mapped_count")
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    MAPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    value_json: str
    mapped_count: int
    def __init__(self, value_json: _Optional[str] = ..., mapped_count: _Optional[int] = ...) -> None: ...

class ListXComsRequest(_message.Message):
    __slots__ = ("attempt_token", "task_id")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    task_id: str
    def __init__(self, attempt_token: _Optional[str] = ..., task_id: _Optional[str] = ...) -> None: ...

class ListXComsResponse(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, keys: _Optional[_Iterable[str]] = ...) -> None: ...

class DeleteXComRequest(_message.Message):
    __slots__ = ("attempt_token", "key")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    key: str
    def __init__(self, attempt_token: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class DeleteXComResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetTaskStatesRequest(_message.Message):
    __slots__ = ("attempt_token",)
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    def __init__(self, attempt_token: _Optional[str] = ...) -> None: ...

class GetTaskStatesResponse(_message.Message):
    __slots__ = ("states",)
    class StatesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STATES_FIELD_NUMBER: _ClassVar[int]
    states: _containers.ScalarMap[str, str]
    def __init__(self, states: _Optional[_Mapping[str, str]] = ...) -> None: ...

class TriggerDagRunRequest(_message.Message):
    __slots__ = ("attempt_token", "dag_id", "key", "conf_json", "logical_date", "run_id")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    DAG_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    CONF_JSON_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_DATE_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    dag_id: str
    key: str
    conf_json: str
    logical_date: _timestamp_pb2.Timestamp
    run_id: str
    def __init__(self, attempt_token: _Optional[str] = ..., dag_id: _Optional[str] = ..., key: _Optional[str] = ..., conf_json: _Optional[str] = ..., logical_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., run_id: _Optional[str] = ...) -> None: ...

class TriggerDagRunResponse(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class ListAssetEventsRequest(_message.Message):
    __slots__ = ("attempt_token", "asset_name", "asset_uri", "alias", "after", "before", "is_descending", "limit")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ASSET_NAME_FIELD_NUMBER: _ClassVar[int]
    ASSET_URI_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    IS_DESCENDING_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    asset_name: str
    asset_uri: str
    alias: str
    after: _timestamp_pb2.Timestamp
    before: _timestamp_pb2.Timestamp
    is_descending: bool
    limit: int
    def __init__(self, attempt_token: _Optional[str] = ..., asset_name: _Optional[str] = ..., asset_uri: _Optional[str] = ..., alias: _Optional[str] = ..., after: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_descending: bool = ..., limit: _Optional[int] = ...) -> None: ...

class ListAssetEventsResponse(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_asset_pb2.AssetEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[_asset_pb2.AssetEvent, _Mapping]]] = ...) -> None: ...

class GetStateRequest(_message.Message):
    __slots__ = ("attempt_token", "scope", "asset_name", "key")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    ASSET_NAME_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    scope: StateScope
    asset_name: str
    key: str
    def __init__(self, attempt_token: _Optional[str] = ..., scope: _Optional[_Union[StateScope, str]] = ..., asset_name: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class GetStateResponse(_message.Message):
    __slots__ = ("value_json",)
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    value_json: str
    def __init__(self, value_json: _Optional[str] = ...) -> None: ...

class SetStateRequest(_message.Message):
    __slots__ = ("attempt_token", "scope", "asset_name", "key", "value_json")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    ASSET_NAME_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    scope: StateScope
    asset_name: str
    key: str
    value_json: str
    def __init__(self, attempt_token: _Optional[str] = ..., scope: _Optional[_Union[StateScope, str]] = ..., asset_name: _Optional[str] = ..., key: _Optional[str] = ..., value_json: _Optional[str] = ...) -> None: ...

class SetStateResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeleteStateRequest(_message.Message):
    __slots__ = ("attempt_token", "scope", "asset_name", "key")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    ASSET_NAME_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    scope: StateScope
    asset_name: str
    key: str
    def __init__(self, attempt_token: _Optional[str] = ..., scope: _Optional[_Union[StateScope, str]] = ..., asset_name: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class DeleteStateResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

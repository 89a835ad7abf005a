import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_SUCCESS: _ClassVar[Outcome]
    OUTCOME_FAILED: _ClassVar[Outcome]
    OUTCOME_SKIPPED: _ClassVar[Outcome]
    OUTCOME_REJECTED: _ClassVar[Outcome]
    OUTCOME_CANCELLED: _ClassVar[Outcome]

class FailureReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAILURE_REASON_UNSPECIFIED: _ClassVar[FailureReason]
    FAILURE_REASON_EXCEPTION: _ClassVar[FailureReason]
    FAILURE_REASON_TIMEOUT: _ClassVar[FailureReason]
    FAILURE_REASON_EXITED: _ClassVar[FailureReason]
    FAILURE_REASON_OUT_OF_MEMORY: _ClassVar[FailureReason]
    FAILURE_REASON_LIMIT: _ClassVar[FailureReason]

class CancelMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_MODE_UNSPECIFIED: _ClassVar[CancelMode]
    CANCEL_MODE_GRACEFUL: _ClassVar[CancelMode]
    CANCEL_MODE_KILL: _ClassVar[CancelMode]
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_SUCCESS: Outcome
OUTCOME_FAILED: Outcome
OUTCOME_SKIPPED: Outcome
OUTCOME_REJECTED: Outcome
OUTCOME_CANCELLED: Outcome
FAILURE_REASON_UNSPECIFIED: FailureReason
FAILURE_REASON_EXCEPTION: FailureReason
FAILURE_REASON_TIMEOUT: FailureReason
FAILURE_REASON_EXITED: FailureReason
FAILURE_REASON_OUT_OF_MEMORY: FailureReason
FAILURE_REASON_LIMIT: FailureReason
CANCEL_MODE_UNSPECIFIED: CancelMode
CANCEL_MODE_GRACEFUL: CancelMode
CANCEL_MODE_KILL: CancelMode

class Lease(_message.Message):
    __slots__ = ("attempt_id", "epoch", "attempt_token", "dag_id", "run_id", "task_id", "map_index", "try_number", "tries_max", "handler", "queue", "inputs_json", "params_json", "logical_date", "data_interval_start", "data_interval_end", "run_type", "connections", "execution_timeout", "start_within", "dag_file")
    ATTEMPT_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    DAG_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    MAP_INDEX_FIELD_NUMBER: _ClassVar[int]
    TRY_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TRIES_MAX_FIELD_NUMBER: _ClassVar[int]
    HANDLER_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    INPUTS_JSON_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_DATE_FIELD_NUMBER: _ClassVar[int]
    DATA_INTERVAL_START_FIELD_NUMBER: _ClassVar[int]
    DATA_INTERVAL_END_FIELD_NUMBER: _ClassVar[int]
    RUN_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    START_WITHIN_FIELD_NUMBER: _ClassVar[int]
    DAG_FILE_FIELD_NUMBER: _ClassVar[int]
    attempt_id: str
    epoch: int
    attempt_token: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    tries_max: int
    handler: str
    queue: str
    inputs_json: str
    params_json: str
    logical_date: _timestamp_pb2.Timestamp
    data_interval_start: _timestamp_pb2.Timestamp
    data_interval_end: _timestamp_pb2.Timestamp
    run_type: str
    connections: _containers.RepeatedCompositeFieldContainer[ResolvedConnection]
    execution_timeout: _duration_pb2.Duration
    start_within: _duration_pb2.Duration
    dag_file: str
    def __init__(self, attempt_id: _Optional[str] = ..., epoch: _Optional[int] = ..., attempt_token: _Optional[str] = ..., dag_id: _Optional[str] = ..., run_id: _Optional[str] = ..., task_id: _Optional[str] = ..., map_index: _Optional[int] = ..., try_number: _Optional[int] = ..., tries_max: _Optional[int] = ..., handler: _Optional[str] = ..., queue: _Optional[str] = ..., inputs_json: _Optional[str] = ..., params_json: _Optional[str] = ..., logical_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., data_interval_start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., data_interval_end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., run_type: _Optional[str] = ..., connections: _Optional[_Iterable[_Union[ResolvedConnection, _Mapping]]] = ..., execution_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., start_within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., dag_file: _Optional[str] = ...) -> None: ...

class ResolvedConnection(_message.Message):
    __slots__ = ("conn_id", "conn_type", "host", "schema", "login", "password", "port", "extra_json")
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    CONN_TYPE_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    EXTRA_JSON_FIELD_NUMBER: _ClassVar[int]
    conn_id: str
    conn_type: str
    host: str
    schema: str
    login: str
    password: str
    port: int
    extra_json: str
    def __init__(self, conn_id: _Optional[str] = ..., conn_type: _Optional[str] = ..., host: _Optional[str] = ..., schema: _Optional[str] = ..., login: _Optional[str] = ..., password: _Optional[str] = ..., port: _Optional[int] = ..., extra_json: _Optional[str] = ...) -> None: ...

class AttemptReport(_message.Message):
    __slots__ = ("attempt_token", "outcome", "xcoms", "error", "reason", "log_size")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    XCOMS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    outcome: Outcome
    xcoms: _containers.RepeatedCompositeFieldContainer[XCom]
    error: AttemptError
    reason: str
    log_size: int
    def __init__(self, attempt_token: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., xcoms: _Optional[_Iterable[_Union[XCom, _Mapping]]] = ..., error: _Optional[_Union[AttemptError, _Mapping]] = ..., reason: _Optional[str] = ..., log_size: _Optional[int] = ...) -> None: ...

class XCom(_message.Message):
    __slots__ = ("key", "value_json")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    key: str
    value_json: str
    def __init__(self, key: _Optional[str] = ..., value_json: _Optional[str] = ...) -> None: ...

class AttemptError(_message.Message):
    __slots__ = ("error_class", "message", "stack", "reason", "is_final", "retry_delay")
    ERROR_CLASS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IS_FINAL_FIELD_NUMBER: _ClassVar[int]
    RETRY_DELAY_FIELD_NUMBER: _ClassVar[int]
    error_class: str
    message: str
    stack: str
    reason: FailureReason
    is_final: bool
    retry_delay: _duration_pb2.Duration
    def __init__(self, error_class: _Optional[str] = ..., message: _Optional[str] = ..., stack: _Optional[str] = ..., reason: _Optional[_Union[FailureReason, str]] = ..., is_final: bool = ..., retry_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

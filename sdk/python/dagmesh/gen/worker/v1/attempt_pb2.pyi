import datetime

from dagmesh.gen.dag.v1 import asset_pb2 as _asset_pb2
from dagmesh.gen.dag.v1 import waiting_pb2 as _waiting_pb2
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
    OUTCOME_DEFERRED: _ClassVar[Outcome]
    OUTCOME_RESCHEDULED: _ClassVar[Outcome]
    OUTCOME_AWAITING_INPUT: _ClassVar[Outcome]

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
OUTCOME_DEFERRED: Outcome
OUTCOME_RESCHEDULED: Outcome
OUTCOME_AWAITING_INPUT: Outcome
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
    __slots__ = ("attempt_id", "epoch", "attempt_token", "dag_id", "run_id", "task_id", "map_index", "try_number", "tries_max", "handler", "queue", "inputs_json", "params_json", "logical_date", "data_interval_start", "data_interval_end", "run_type", "connections", "execution_timeout", "start_within", "dag_file", "input_transforms", "resume", "waiting_since", "reschedules_count", "partition_key", "triggering_asset_events", "outlets", "inlets", "map_index_template", "built_in", "bundle_name", "bundle_version", "expanded_ti_count", "run_after")
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
    INPUT_TRANSFORMS_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    WAITING_SINCE_FIELD_NUMBER: _ClassVar[int]
    RESCHEDULES_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTITION_KEY_FIELD_NUMBER: _ClassVar[int]
    TRIGGERING_ASSET_EVENTS_FIELD_NUMBER: _ClassVar[int]
    OUTLETS_FIELD_NUMBER: _ClassVar[int]
    INLETS_FIELD_NUMBER: _ClassVar[int]
    MAP_INDEX_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    BUILT_IN_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_NAME_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_VERSION_FIELD_NUMBER: _ClassVar[int]
    EXPANDED_TI_COUNT_FIELD_NUMBER: _ClassVar[int]
    RUN_AFTER_FIELD_NUMBER: _ClassVar[int]
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
    input_transforms: _containers.RepeatedCompositeFieldContainer[InputTransform]
    resume: Resume
    waiting_since: _timestamp_pb2.Timestamp
    reschedules_count: int
    partition_key: str
    triggering_asset_events: _containers.RepeatedCompositeFieldContainer[_asset_pb2.AssetEvent]
    outlets: _containers.RepeatedCompositeFieldContainer[_asset_pb2.AssetPort]
    inlets: _containers.RepeatedCompositeFieldContainer[_asset_pb2.AssetPort]
    map_index_template: str
    built_in: BuiltInAction
    bundle_name: str
    bundle_version: str
    expanded_ti_count: int
    run_after: _timestamp_pb2.Timestamp
    def __init__(self, attempt_id: _Optional[str] = ..., epoch: _Optional[int] = ..., attempt_token: _Optional[str] = ..., dag_id: _Optional[str] = ..., run_id: _Optional[str] = ..., task_id: _Optional[str] = ..., map_index: _Optional[int] = ..., try_number: _Optional[int] = ..., tries_max: _Optional[int] = ..., handler: _Optional[str] = ..., queue: _Optional[str] = ..., inputs_json: _Optional[str] = ..., params_json: _Optional[str] = ..., logical_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., data_interval_start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., data_interval_end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., run_type: _Optional[str] = ..., connections: _Optional[_Iterable[_Union[ResolvedConnection, _Mapping]]] = ..., execution_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., start_within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., dag_file: _Optional[str] = ..., input_transforms: _Optional[_Iterable[_Union[InputTransform, _Mapping]]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ..., waiting_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reschedules_count: _Optional[int] = ..., partition_key: _Optional[str] = ..., triggering_asset_events: _Optional[_Iterable[_Union[_asset_pb2.AssetEvent, _Mapping]]] = ..., outlets: _Optional[_Iterable[_Union[_asset_pb2.AssetPort, _Mapping]]] = ..., inlets: _Optional[_Iterable[_Union[_asset_pb2.AssetPort, _Mapping]]] = ..., map_index_template: _Optional[str] = ..., built_in: _Optional[_Union[BuiltInAction, _Mapping]] = ..., bundle_name: _Optional[str] = ..., bundle_version: _Optional[str] = ..., expanded_ti_count: _Optional[int] = ..., run_after: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class InputTransform(_message.Message):
    __slots__ = ("name", "handlers", "path", "field")
    NAME_FIELD_NUMBER: _ClassVar[int]
    HANDLERS_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    name: str
    handlers: _containers.RepeatedScalarFieldContainer[str]
    path: _containers.RepeatedScalarFieldContainer[int]
    field: str
    def __init__(self, name: _Optional[str] = ..., handlers: _Optional[_Iterable[str]] = ..., path: _Optional[_Iterable[int]] = ..., field: _Optional[str] = ...) -> None: ...

class Resume(_message.Message):
    __slots__ = ("method", "state_json", "event_json", "error", "response")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STATE_JSON_FIELD_NUMBER: _ClassVar[int]
    EVENT_JSON_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    method: str
    state_json: str
    event_json: str
    error: str
    response: _waiting_pb2.HumanInputResponse
    def __init__(self, method: _Optional[str] = ..., state_json: _Optional[str] = ..., event_json: _Optional[str] = ..., error: _Optional[str] = ..., response: _Optional[_Union[_waiting_pb2.HumanInputResponse, _Mapping]] = ...) -> None: ...

class BuiltInAction(_message.Message):
    __slots__ = ("webhook", "email")
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    webhook: WebhookAction
    email: EmailAction
    def __init__(self, webhook: _Optional[_Union[WebhookAction, _Mapping]] = ..., email: _Optional[_Union[EmailAction, _Mapping]] = ...) -> None: ...

class WebhookAction(_message.Message):
    __slots__ = ("url", "headers", "body")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    URL_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    url: str
    headers: _containers.ScalarMap[str, str]
    body: str
    def __init__(self, url: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., body: _Optional[str] = ...) -> None: ...

class EmailAction(_message.Message):
    __slots__ = ("to", "subject", "body", "conn_id")
    TO_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    to: _containers.RepeatedScalarFieldContainer[str]
    subject: str
    body: str
    conn_id: str
    def __init__(self, to: _Optional[_Iterable[str]] = ..., subject: _Optional[str] = ..., body: _Optional[str] = ..., conn_id: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("attempt_token", "outcome", "xcoms", "error", "reason", "log_size", "direction", "asset_updates", "map_label", "defer", "reschedule_at", "await_input")
    ATTEMPT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    XCOMS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    ASSET_UPDATES_FIELD_NUMBER: _ClassVar[int]
    MAP_LABEL_FIELD_NUMBER: _ClassVar[int]
    DEFER_FIELD_NUMBER: _ClassVar[int]
    RESCHEDULE_AT_FIELD_NUMBER: _ClassVar[int]
    AWAIT_INPUT_FIELD_NUMBER: _ClassVar[int]
    attempt_token: str
    outcome: Outcome
    xcoms: _containers.RepeatedCompositeFieldContainer[XCom]
    error: AttemptError
    reason: str
    log_size: int
    direction: Direction
    asset_updates: _containers.RepeatedCompositeFieldContainer[_asset_pb2.AssetUpdate]
    map_label: str
    defer: Defer
    reschedule_at: _timestamp_pb2.Timestamp
    await_input: AwaitInput
    def __init__(self, attempt_token: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., xcoms: _Optional[_Iterable[_Union[XCom, _Mapping]]] = ..., error: _Optional[_Union[AttemptError, _Mapping]] = ..., reason: _Optional[str] = ..., log_size: _Optional[int] = ..., direction: _Optional[_Union[Direction, _Mapping]] = ..., asset_updates: _Optional[_Iterable[_Union[_asset_pb2.AssetUpdate, _Mapping]]] = ..., map_label: _Optional[str] = ..., defer: _Optional[_Union[Defer, _Mapping]] = ..., reschedule_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., await_input: _Optional[_Union[AwaitInput, _Mapping]] = ...) -> None: ...

class Direction(_message.Message):
    __slots__ = ("branch", "short_circuit")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    SHORT_CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    branch: Branch
    short_circuit: ShortCircuit
    def __init__(self, branch: _Optional[_Union[Branch, _Mapping]] = ..., short_circuit: _Optional[_Union[ShortCircuit, _Mapping]] = ...) -> None: ...

class Branch(_message.Message):
    __slots__ = ("follow_ids",)
    FOLLOW_IDS_FIELD_NUMBER: _ClassVar[int]
    follow_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, follow_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ShortCircuit(_message.Message):
    __slots__ = ("respects_trigger_rules",)
    RESPECTS_TRIGGER_RULES_FIELD_NUMBER: _ClassVar[int]
    respects_trigger_rules: bool
    def __init__(self, respects_trigger_rules: bool = ...) -> None: ...

class Defer(_message.Message):
    __slots__ = ("trigger", "timeout", "method", "state_json")
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STATE_JSON_FIELD_NUMBER: _ClassVar[int]
    trigger: _waiting_pb2.TriggerSpec
    timeout: _duration_pb2.Duration
    method: str
    state_json: str
    def __init__(self, trigger: _Optional[_Union[_waiting_pb2.TriggerSpec, _Mapping]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., method: _Optional[str] = ..., state_json: _Optional[str] = ...) -> None: ...

class AwaitInput(_message.Message):
    __slots__ = ("human_input", "method", "state_json")
    HUMAN_INPUT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STATE_JSON_FIELD_NUMBER: _ClassVar[int]
    human_input: _waiting_pb2.HumanInputSpec
    method: str
    state_json: str
    def __init__(self, human_input: _Optional[_Union[_waiting_pb2.HumanInputSpec, _Mapping]] = ..., method: _Optional[str] = ..., state_json: _Optional[str] = ...) -> None: ...

class XCom(_message.Message):
    __slots__ = ("key", "value_json")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    key: str
    value_json: str
    def __init__(self, key: _Optional[str] = ..., value_json: _Optional[str] = ...) -> None: ...

class AttemptError(_message.Message):
    __slots__ = ("error_class", "message", "stack", "reason", "is_final", "retry_delay", "error_class_ancestors")
    ERROR_CLASS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IS_FINAL_FIELD_NUMBER: _ClassVar[int]
    RETRY_DELAY_FIELD_NUMBER: _ClassVar[int]
    ERROR_CLASS_ANCESTORS_FIELD_NUMBER: _ClassVar[int]
    error_class: str
    message: str
    stack: str
    reason: FailureReason
    is_final: bool
    retry_delay: _duration_pb2.Duration
    error_class_ancestors: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, error_class: _Optional[str] = ..., message: _Optional[str] = ..., stack: _Optional[str] = ..., reason: _Optional[_Union[FailureReason, str]] = ..., is_final: bool = ..., retry_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., error_class_ancestors: _Optional[_Iterable[str]] = ...) -> None: ...

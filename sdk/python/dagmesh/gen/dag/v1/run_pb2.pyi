import datetime

from dagmesh.gen.dag.v1 import waiting_pb2 as _waiting_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DagRunState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DAG_RUN_STATE_UNSPECIFIED: _ClassVar[DagRunState]
    DAG_RUN_STATE_QUEUED: _ClassVar[DagRunState]
    DAG_RUN_STATE_RUNNING: _ClassVar[DagRunState]
    DAG_RUN_STATE_SUCCESS: _ClassVar[DagRunState]
    DAG_RUN_STATE_FAILED: _ClassVar[DagRunState]

class TaskInstanceState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_INSTANCE_STATE_UNSPECIFIED: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_NONE: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_SCHEDULED: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_QUEUED: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_RUNNING: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_RESTARTING: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_SUCCESS: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_FAILED: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_SKIPPED: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_UPSTREAM_FAILED: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_REMOVED: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_UP_FOR_RETRY: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_UP_FOR_RESCHEDULE: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_DEFERRED: _ClassVar[TaskInstanceState]
    TASK_INSTANCE_STATE_AWAITING_INPUT: _ClassVar[TaskInstanceState]

class TaskAttemptState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_ATTEMPT_STATE_UNSPECIFIED: _ClassVar[TaskAttemptState]
    TASK_ATTEMPT_STATE_RUNNING: _ClassVar[TaskAttemptState]
    TASK_ATTEMPT_STATE_SUCCESS: _ClassVar[TaskAttemptState]
    TASK_ATTEMPT_STATE_FAILED: _ClassVar[TaskAttemptState]
    TASK_ATTEMPT_STATE_SKIPPED: _ClassVar[TaskAttemptState]
    TASK_ATTEMPT_STATE_LOST: _ClassVar[TaskAttemptState]
    TASK_ATTEMPT_STATE_CANCELLED: _ClassVar[TaskAttemptState]
    TASK_ATTEMPT_STATE_REJECTED: _ClassVar[TaskAttemptState]
    TASK_ATTEMPT_STATE_WAITING: _ClassVar[TaskAttemptState]

class RunType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_TYPE_UNSPECIFIED: _ClassVar[RunType]
    RUN_TYPE_SCHEDULED: _ClassVar[RunType]
    RUN_TYPE_MANUAL: _ClassVar[RunType]
    RUN_TYPE_BACKFILL: _ClassVar[RunType]
    RUN_TYPE_ASSET_TRIGGERED: _ClassVar[RunType]
    RUN_TYPE_ASSET_MATERIALIZATION: _ClassVar[RunType]
    RUN_TYPE_CALLBACK: _ClassVar[RunType]
DAG_RUN_STATE_UNSPECIFIED: DagRunState
DAG_RUN_STATE_QUEUED: DagRunState
DAG_RUN_STATE_RUNNING: DagRunState
DAG_RUN_STATE_SUCCESS: DagRunState
DAG_RUN_STATE_FAILED: DagRunState
TASK_INSTANCE_STATE_UNSPECIFIED: TaskInstanceState
TASK_INSTANCE_STATE_NONE: TaskInstanceState
TASK_INSTANCE_STATE_SCHEDULED: TaskInstanceState
TASK_INSTANCE_STATE_QUEUED: TaskInstanceState
TASK_INSTANCE_STATE_RUNNING: TaskInstanceState
TASK_INSTANCE_STATE_RESTARTING: TaskInstanceState
TASK_INSTANCE_STATE_SUCCESS: TaskInstanceState
TASK_INSTANCE_STATE_FAILED: TaskInstanceState
TASK_INSTANCE_STATE_SKIPPED: TaskInstanceState
TASK_INSTANCE_STATE_UPSTREAM_FAILED: TaskInstanceState
TASK_INSTANCE_STATE_REMOVED: TaskInstanceState
TASK_INSTANCE_STATE_UP_FOR_RETRY: TaskInstanceState
TASK_INSTANCE_STATE_UP_FOR_RESCHEDULE: TaskInstanceState
TASK_INSTANCE_STATE_DEFERRED: TaskInstanceState
TASK_INSTANCE_STATE_AWAITING_INPUT: TaskInstanceState
TASK_ATTEMPT_STATE_UNSPECIFIED: TaskAttemptState
TASK_ATTEMPT_STATE_RUNNING: TaskAttemptState
TASK_ATTEMPT_STATE_SUCCESS: TaskAttemptState
TASK_ATTEMPT_STATE_FAILED: TaskAttemptState
TASK_ATTEMPT_STATE_SKIPPED: TaskAttemptState
TASK_ATTEMPT_STATE_LOST: TaskAttemptState
TASK_ATTEMPT_STATE_CANCELLED: TaskAttemptState
TASK_ATTEMPT_STATE_REJECTED: TaskAttemptState
TASK_ATTEMPT_STATE_WAITING: TaskAttemptState
RUN_TYPE_UNSPECIFIED: RunType
RUN_TYPE_SCHEDULED: RunType
RUN_TYPE_MANUAL: RunType
RUN_TYPE_BACKFILL: RunType
RUN_TYPE_ASSET_TRIGGERED: RunType
RUN_TYPE_ASSET_MATERIALIZATION: RunType
RUN_TYPE_CALLBACK: RunType

class DagRun(_message.Message):
    __slots__ = ("id", "dag_id", "run_id", "run_type", "state", "logical_date", "data_interval_start", "data_interval_end", "run_after", "queued_at", "start_date", "end_date", "conf_json", "dag_version_id", "triggered_by", "clear_number", "state_reason", "note", "partition_key", "backfill_id", "backfill_ordinal", "original_run_type", "callback_of_run_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    DAG_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_DATE_FIELD_NUMBER: _ClassVar[int]
    DATA_INTERVAL_START_FIELD_NUMBER: _ClassVar[int]
    DATA_INTERVAL_END_FIELD_NUMBER: _ClassVar[int]
    RUN_AFTER_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    CONF_JSON_FIELD_NUMBER: _ClassVar[int]
    DAG_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    TRIGGERED_BY_FIELD_NUMBER: _ClassVar[int]
    CLEAR_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_REASON_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    PARTITION_KEY_FIELD_NUMBER: _ClassVar[int]
    BACKFILL_ID_FIELD_NUMBER: _ClassVar[int]
    BACKFILL_ORDINAL_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_RUN_TYPE_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_OF_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    dag_id: str
    run_id: str
    run_type: RunType
    state: DagRunState
    logical_date: _timestamp_pb2.Timestamp
    data_interval_start: _timestamp_pb2.Timestamp
    data_interval_end: _timestamp_pb2.Timestamp
    run_after: _timestamp_pb2.Timestamp
    queued_at: _timestamp_pb2.Timestamp
    start_date: _timestamp_pb2.Timestamp
    end_date: _timestamp_pb2.Timestamp
    conf_json: str
    dag_version_id: int
    triggered_by: str
    clear_number: int
    state_reason: str
    note: str
    partition_key: str
    backfill_id: str
    backfill_ordinal: int
    original_run_type: RunType
    callback_of_run_id: str
    def __init__(self, id: _Optional[str] = ..., dag_id: _Optional[str] = ..., run_id: _Optional[str] = ..., run_type: _Optional[_Union[RunType, str]] = ..., state: _Optional[_Union[DagRunState, str]] = ..., logical_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., data_interval_start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., data_interval_end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., run_after: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., queued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., conf_json: _Optional[str] = ..., dag_version_id: _Optional[int] = ..., triggered_by: _Optional[str] = ..., clear_number: _Optional[int] = ..., state_reason: _Optional[str] = ..., note: _Optional[str] = ..., partition_key: _Optional[str] = ..., backfill_id: _Optional[str] = ..., backfill_ordinal: _Optional[int] = ..., original_run_type: _Optional[_Union[RunType, str]] = ..., callback_of_run_id: _Optional[str] = ...) -> None: ...

class TaskInstance(_message.Message):
    __slots__ = ("id", "dag_run_id", "dag_id", "run_id", "task_id", "map_index", "state", "try_number", "tries_max", "epoch", "attempt_id", "scheduled_at", "queued_at", "start_date", "end_date", "next_try_time", "worker_id", "state_reason", "losses_count", "map_length", "map_label", "skip_decision_json", "execution_deadline", "waiting_since", "reschedules_count", "wait", "note")
    ID_FIELD_NUMBER: _ClassVar[int]
    DAG_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    DAG_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    MAP_INDEX_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TRY_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TRIES_MAX_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULED_AT_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    NEXT_TRY_TIME_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_REASON_FIELD_NUMBER: _ClassVar[int]
    LOSSES_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAP_LENGTH_FIELD_NUMBER: _ClassVar[int]
    MAP_LABEL_FIELD_NUMBER: _ClassVar[int]
    SKIP_DECISION_JSON_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_DEADLINE_FIELD_NUMBER: _ClassVar[int]
    WAITING_SINCE_FIELD_NUMBER: _ClassVar[int]
    RESCHEDULES_COUNT_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    id: str
    dag_run_id: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    state: TaskInstanceState
    try_number: int
    tries_max: int
    epoch: int
    attempt_id: str
    scheduled_at: _timestamp_pb2.Timestamp
    queued_at: _timestamp_pb2.Timestamp
    start_date: _timestamp_pb2.Timestamp
    end_date: _timestamp_pb2.Timestamp
    next_try_time: _timestamp_pb2.Timestamp
    worker_id: str
    state_reason: str
    losses_count: int
    map_length: int
    map_label: str
    skip_decision_json: str
    execution_deadline: _timestamp_pb2.Timestamp
    waiting_since: _timestamp_pb2.Timestamp
    reschedules_count: int
    wait: Wait
    note: str
    def __init__(self, id: _Optional[str] = ..., dag_run_id: _Optional[str] = ..., dag_id: _Optional[str] = ..., run_id: _Optional[str] = ..., task_id: _Optional[str] = ..., map_index: _Optional[int] = ..., state: _Optional[_Union[TaskInstanceState, str]] = ..., try_number: _Optional[int] = ..., tries_max: _Optional[int] = ..., epoch: _Optional[int] = ..., attempt_id: _Optional[str] = ..., scheduled_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., queued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_try_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., worker_id: _Optional[str] = ..., state_reason: _Optional[str] = ..., losses_count: _Optional[int] = ..., map_length: _Optional[int] = ..., map_label: _Optional[str] = ..., skip_decision_json: _Optional[str] = ..., execution_deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., waiting_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reschedules_count: _Optional[int] = ..., wait: _Optional[_Union[Wait, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

class Wait(_message.Message):
    __slots__ = ("wait_id", "trigger", "human_input", "since", "until", "resume_method", "resume_json", "event_json", "error", "response", "keeps_slots")
    WAIT_ID_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    HUMAN_INPUT_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    RESUME_METHOD_FIELD_NUMBER: _ClassVar[int]
    RESUME_JSON_FIELD_NUMBER: _ClassVar[int]
    EVENT_JSON_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    KEEPS_SLOTS_FIELD_NUMBER: _ClassVar[int]
    wait_id: str
    trigger: _waiting_pb2.TriggerSpec
    human_input: _waiting_pb2.HumanInputSpec
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    resume_method: str
    resume_json: str
    event_json: str
    error: str
    response: _waiting_pb2.HumanInputResponse
    keeps_slots: bool
    def __init__(self, wait_id: _Optional[str] = ..., trigger: _Optional[_Union[_waiting_pb2.TriggerSpec, _Mapping]] = ..., human_input: _Optional[_Union[_waiting_pb2.HumanInputSpec, _Mapping]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resume_method: _Optional[str] = ..., resume_json: _Optional[str] = ..., event_json: _Optional[str] = ..., error: _Optional[str] = ..., response: _Optional[_Union[_waiting_pb2.HumanInputResponse, _Mapping]] = ..., keeps_slots: bool = ...) -> None: ...

class TaskAttempt(_message.Message):
    __slots__ = ("attempt_id", "task_instance_id", "try_number", "epoch", "state", "worker_id", "executor_id", "start_date", "end_date", "error_class", "error_message", "error_stack")
    ATTEMPT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    TRY_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTOR_ID_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_CLASS_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ERROR_STACK_FIELD_NUMBER: _ClassVar[int]
    attempt_id: str
    task_instance_id: str
    try_number: int
    epoch: int
    state: TaskAttemptState
    worker_id: str
    executor_id: str
    start_date: _timestamp_pb2.Timestamp
    end_date: _timestamp_pb2.Timestamp
    error_class: str
    error_message: str
    error_stack: str
    def __init__(self, attempt_id: _Optional[str] = ..., task_instance_id: _Optional[str] = ..., try_number: _Optional[int] = ..., epoch: _Optional[int] = ..., state: _Optional[_Union[TaskAttemptState, str]] = ..., worker_id: _Optional[str] = ..., executor_id: _Optional[str] = ..., start_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error_class: _Optional[str] = ..., error_message: _Optional[str] = ..., error_stack: _Optional[str] = ...) -> None: ...

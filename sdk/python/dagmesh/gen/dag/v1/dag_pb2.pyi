import datetime

from dagmesh.gen.dag.v1 import timetable_pb2 as _timetable_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TriggerRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRIGGER_RULE_UNSPECIFIED: _ClassVar[TriggerRule]
    TRIGGER_RULE_ALL_SUCCESS: _ClassVar[TriggerRule]
    TRIGGER_RULE_ALL_FAILED: _ClassVar[TriggerRule]
    TRIGGER_RULE_ALL_DONE: _ClassVar[TriggerRule]
    TRIGGER_RULE_ALL_DONE_MIN_ONE_SUCCESS: _ClassVar[TriggerRule]
    TRIGGER_RULE_ALL_DONE_SETUP_SUCCESS: _ClassVar[TriggerRule]
    TRIGGER_RULE_ONE_SUCCESS: _ClassVar[TriggerRule]
    TRIGGER_RULE_ONE_FAILED: _ClassVar[TriggerRule]
    TRIGGER_RULE_ONE_DONE: _ClassVar[TriggerRule]
    TRIGGER_RULE_NONE_FAILED: _ClassVar[TriggerRule]
    TRIGGER_RULE_NONE_FAILED_MIN_ONE_SUCCESS: _ClassVar[TriggerRule]
    TRIGGER_RULE_NONE_SKIPPED: _ClassVar[TriggerRule]
    TRIGGER_RULE_ALL_SKIPPED: _ClassVar[TriggerRule]
    TRIGGER_RULE_ALWAYS: _ClassVar[TriggerRule]

class WeightRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WEIGHT_RULE_UNSPECIFIED: _ClassVar[WeightRule]
    WEIGHT_RULE_DOWNSTREAM: _ClassVar[WeightRule]
    WEIGHT_RULE_UPSTREAM: _ClassVar[WeightRule]
    WEIGHT_RULE_ABSOLUTE: _ClassVar[WeightRule]
TRIGGER_RULE_UNSPECIFIED: TriggerRule
TRIGGER_RULE_ALL_SUCCESS: TriggerRule
TRIGGER_RULE_ALL_FAILED: TriggerRule
TRIGGER_RULE_ALL_DONE: TriggerRule
TRIGGER_RULE_ALL_DONE_MIN_ONE_SUCCESS: TriggerRule
TRIGGER_RULE_ALL_DONE_SETUP_SUCCESS: TriggerRule
TRIGGER_RULE_ONE_SUCCESS: TriggerRule
TRIGGER_RULE_ONE_FAILED: TriggerRule
TRIGGER_RULE_ONE_DONE: TriggerRule
TRIGGER_RULE_NONE_FAILED: TriggerRule
TRIGGER_RULE_NONE_FAILED_MIN_ONE_SUCCESS: TriggerRule
TRIGGER_RULE_NONE_SKIPPED: TriggerRule
TRIGGER_RULE_ALL_SKIPPED: TriggerRule
TRIGGER_RULE_ALWAYS: TriggerRule
WEIGHT_RULE_UNSPECIFIED: WeightRule
WEIGHT_RULE_DOWNSTREAM: WeightRule
WEIGHT_RULE_UPSTREAM: WeightRule
WEIGHT_RULE_ABSOLUTE: WeightRule

class DagSpec(_message.Message):
    __slots__ = ("dag_id", "description", "doc_md", "timetable", "start_date", "end_date", "catchup", "active_runs_max", "active_tasks_max", "dagrun_timeout", "params", "tags", "is_paused_upon_creation", "tasks", "owner")
    DAG_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOC_MD_FIELD_NUMBER: _ClassVar[int]
    TIMETABLE_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    CATCHUP_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_RUNS_MAX_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_TASKS_MAX_FIELD_NUMBER: _ClassVar[int]
    DAGRUN_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    IS_PAUSED_UPON_CREATION_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    dag_id: str
    description: str
    doc_md: str
    timetable: _timetable_pb2.Timetable
    start_date: _timestamp_pb2.Timestamp
    end_date: _timestamp_pb2.Timestamp
    catchup: bool
    active_runs_max: int
    active_tasks_max: int
    dagrun_timeout: _duration_pb2.Duration
    params: _containers.RepeatedCompositeFieldContainer[ParamSpec]
    tags: _containers.RepeatedScalarFieldContainer[str]
    is_paused_upon_creation: bool
    tasks: _containers.RepeatedCompositeFieldContainer[TaskSpec]
    owner: str
    def __init__(self, dag_id: _Optional[str] = ..., description: _Optional[str] = ..., doc_md: _Optional[str] = ..., timetable: _Optional[_Union[_timetable_pb2.Timetable, _Mapping]] = ..., start_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., catchup: bool = ..., active_runs_max: _Optional[int] = ..., active_tasks_max: _Optional[int] = ..., dagrun_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., params: _Optional[_Iterable[_Union[ParamSpec, _Mapping]]] = ..., tags: _Optional[_Iterable[str]] = ..., is_paused_upon_creation: bool = ..., tasks: _Optional[_Iterable[_Union[TaskSpec, _Mapping]]] = ..., owner: _Optional[str] = ...) -> None: ...

class ParamSpec(_message.Message):
    __slots__ = ("name", "default_json", "schema_json", "description")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_JSON_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    default_json: str
    schema_json: str
    description: str
    def __init__(self, name: _Optional[str] = ..., default_json: _Optional[str] = ..., schema_json: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class TaskSpec(_message.Message):
    __slots__ = ("task_id", "handler", "queue", "upstream_task_ids", "trigger_rule", "pool", "pool_slots", "priority_weight", "weight_rule", "retry", "execution_timeout", "active_tis_per_dag_max", "active_tis_per_dagrun_max", "inputs", "connections", "doc_md", "source_line", "is_empty")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    HANDLER_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_TASK_IDS_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_RULE_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    POOL_SLOTS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_RULE_FIELD_NUMBER: _ClassVar[int]
    RETRY_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_TIS_PER_DAG_MAX_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_TIS_PER_DAGRUN_MAX_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    DOC_MD_FIELD_NUMBER: _ClassVar[int]
    SOURCE_LINE_FIELD_NUMBER: _ClassVar[int]
    IS_EMPTY_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    handler: str
    queue: str
    upstream_task_ids: _containers.RepeatedScalarFieldContainer[str]
    trigger_rule: TriggerRule
    pool: str
    pool_slots: int
    priority_weight: int
    weight_rule: WeightRule
    retry: RetryPolicy
    execution_timeout: _duration_pb2.Duration
    active_tis_per_dag_max: int
    active_tis_per_dagrun_max: int
    inputs: _containers.RepeatedCompositeFieldContainer[TaskInput]
    connections: _containers.RepeatedScalarFieldContainer[str]
    doc_md: str
    source_line: int
    is_empty: bool
    def __init__(self, task_id: _Optional[str] = ..., handler: _Optional[str] = ..., queue: _Optional[str] = ..., upstream_task_ids: _Optional[_Iterable[str]] = ..., trigger_rule: _Optional[_Union[TriggerRule, str]] = ..., pool: _Optional[str] = ..., pool_slots: _Optional[int] = ..., priority_weight: _Optional[int] = ..., weight_rule: _Optional[_Union[WeightRule, str]] = ..., retry: _Optional[_Union[RetryPolicy, _Mapping]] = ..., execution_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., active_tis_per_dag_max: _Optional[int] = ..., active_tis_per_dagrun_max: _Optional[int] = ..., inputs: _Optional[_Iterable[_Union[TaskInput, _Mapping]]] = ..., connections: _Optional[_Iterable[str]] = ..., doc_md: _Optional[str] = ..., source_line: _Optional[int] = ..., is_empty: bool = ...) -> None: ...

class TaskInput(_message.Message):
    __slots__ = ("name", "value_json", "xcom")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    XCOM_FIELD_NUMBER: _ClassVar[int]
    name: str
    value_json: str
    xcom: XComRef
    def __init__(self, name: _Optional[str] = ..., value_json: _Optional[str] = ..., xcom: _Optional[_Union[XComRef, _Mapping]] = ...) -> None: ...

class XComRef(_message.Message):
    __slots__ = ("task_id", "key")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    key: str
    def __init__(self, task_id: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class RetryPolicy(_message.Message):
    __slots__ = ("retries", "delay", "exponential_backoff", "delay_max")
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    EXPONENTIAL_BACKOFF_FIELD_NUMBER: _ClassVar[int]
    DELAY_MAX_FIELD_NUMBER: _ClassVar[int]
    retries: int
    delay: _duration_pb2.Duration
    exponential_backoff: float
    delay_max: _duration_pb2.Duration
    def __init__(self, retries: _Optional[int] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., exponential_backoff: _Optional[float] = ..., delay_max: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

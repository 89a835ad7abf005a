import datetime

from dagmesh.gen.dag.v1 import alert_pb2 as _alert_pb2
from dagmesh.gen.dag.v1 import asset_pb2 as _asset_pb2
from dagmesh.gen.dag.v1 import mapping_pb2 as _mapping_pb2
from dagmesh.gen.dag.v1 import run_pb2 as _run_pb2
from dagmesh.gen.dag.v1 import timetable_pb2 as _timetable_pb2
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

class RetryAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETRY_ACTION_UNSPECIFIED: _ClassVar[RetryAction]
    RETRY_ACTION_RETRY: _ClassVar[RetryAction]
    RETRY_ACTION_FAIL: _ClassVar[RetryAction]

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
RETRY_ACTION_UNSPECIFIED: RetryAction
RETRY_ACTION_RETRY: RetryAction
RETRY_ACTION_FAIL: RetryAction
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
    __slots__ = ("dag_id", "description", "doc_md", "timetable", "start_date", "end_date", "catchup", "active_runs_max", "active_tasks_max", "dagrun_timeout", "params", "tags", "is_paused_upon_creation", "tasks", "owner", "task_groups", "edge_labels", "fail_fast", "consecutive_failed_runs_max", "allowed_run_types", "assets", "callbacks", "deadlines", "fair_share_weight", "key_limits", "follows_latest_version")
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
    TASK_GROUPS_FIELD_NUMBER: _ClassVar[int]
    EDGE_LABELS_FIELD_NUMBER: _ClassVar[int]
    FAIL_FAST_FIELD_NUMBER: _ClassVar[int]
    CONSECUTIVE_FAILED_RUNS_MAX_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_RUN_TYPES_FIELD_NUMBER: _ClassVar[int]
    ASSETS_FIELD_NUMBER: _ClassVar[int]
    CALLBACKS_FIELD_NUMBER: _ClassVar[int]
    DEADLINES_FIELD_NUMBER: _ClassVar[int]
    FAIR_SHARE_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    KEY_LIMITS_FIELD_NUMBER: _ClassVar[int]
    FOLLOWS_LATEST_VERSION_FIELD_NUMBER: _ClassVar[int]
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
    task_groups: _containers.RepeatedCompositeFieldContainer[_mapping_pb2.TaskGroupSpec]
    edge_labels: _containers.RepeatedCompositeFieldContainer[_mapping_pb2.EdgeLabel]
    fail_fast: bool
    consecutive_failed_runs_max: int
    allowed_run_types: _containers.RepeatedScalarFieldContainer[_run_pb2.RunType]
    assets: _containers.RepeatedCompositeFieldContainer[_asset_pb2.AssetSpec]
    callbacks: _containers.RepeatedCompositeFieldContainer[_alert_pb2.CallbackSpec]
    deadlines: _containers.RepeatedCompositeFieldContainer[_alert_pb2.DeadlineSpec]
    fair_share_weight: float
    key_limits: _containers.RepeatedCompositeFieldContainer[KeyLimit]
    follows_latest_version: bool
    def __init__(self, dag_id: _Optional[str] = ..., description: _Optional[str] = ..., doc_md: _Optional[str] = ..., timetable: _Optional[_Union[_timetable_pb2.Timetable, _Mapping]] = ..., start_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., catchup: bool = ..., active_runs_max: _Optional[int] = ..., active_tasks_max: _Optional[int] = ..., dagrun_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., params: _Optional[_Iterable[_Union[ParamSpec, _Mapping]]] = ..., tags: _Optional[_Iterable[str]] = ..., is_paused_upon_creation: bool = ..., tasks: _Optional[_Iterable[_Union[TaskSpec, _Mapping]]] = ..., owner: _Optional[str] = ..., task_groups: _Optional[_Iterable[_Union[_mapping_pb2.TaskGroupSpec, _Mapping]]] = ..., edge_labels: _Optional[_Iterable[_Union[_mapping_pb2.EdgeLabel, _Mapping]]] = ..., fail_fast: bool = ..., consecutive_failed_runs_max: _Optional[int] = ..., allowed_run_types: _Optional[_Iterable[_Union[_run_pb2.RunType, str]]] = ..., assets: _Optional[_Iterable[_Union[_asset_pb2.AssetSpec, _Mapping]]] = ..., callbacks: _Optional[_Iterable[_Union[_alert_pb2.CallbackSpec, _Mapping]]] = ..., deadlines: _Optional[_Iterable[_Union[_alert_pb2.DeadlineSpec, _Mapping]]] = ..., fair_share_weight: _Optional[float] = ..., key_limits: _Optional[_Iterable[_Union[KeyLimit, _Mapping]]] = ..., follows_latest_version: bool = ...) -> None: ...

class KeyLimit(_message.Message):
    __slots__ = ("key", "active_max", "rate_count", "rate_period")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_MAX_FIELD_NUMBER: _ClassVar[int]
    RATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    RATE_PERIOD_FIELD_NUMBER: _ClassVar[int]
    key: str
    active_max: int
    rate_count: int
    rate_period: _duration_pb2.Duration
    def __init__(self, key: _Optional[str] = ..., active_max: _Optional[int] = ..., rate_count: _Optional[int] = ..., rate_period: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("task_id", "handler", "queue", "upstream_task_ids", "trigger_rule", "pool", "pool_slots", "priority_weight", "weight_rule", "retry", "execution_timeout", "active_tis_per_dag_max", "active_tis_per_dagrun_max", "inputs", "connections", "doc_md", "source_line", "is_empty", "task_group_id", "mapping", "map_index_template", "is_setup", "is_teardown", "on_failure_fail_dagrun", "depends_on_past", "heeds_first_depends_on_past", "wait_for_past_depends_before_skipping", "wait_for_downstream", "start_date", "end_date", "is_latest_only", "human_input", "trigger", "trigger_timeout", "is_soft_fail", "inlets", "outlets", "callbacks", "sla", "limit_keys", "drops_result", "display_name")
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
    TASK_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    MAPPING_FIELD_NUMBER: _ClassVar[int]
    MAP_INDEX_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    IS_SETUP_FIELD_NUMBER: _ClassVar[int]
    IS_TEARDOWN_FIELD_NUMBER: _ClassVar[int]
    ON_FAILURE_FAIL_DAGRUN_FIELD_NUMBER: _ClassVar[int]
    DEPENDS_ON_PAST_FIELD_NUMBER: _ClassVar[int]
    HEEDS_FIRST_DEPENDS_ON_PAST_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_DOWNSTREAM_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    IS_LATEST_ONLY_FIELD_NUMBER: _ClassVar[int]
    HUMAN_INPUT_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    IS_SOFT_FAIL_FIELD_NUMBER: _ClassVar[int]
    INLETS_FIELD_NUMBER: _ClassVar[int]
    OUTLETS_FIELD_NUMBER: _ClassVar[int]
    CALLBACKS_FIELD_NUMBER: _ClassVar[int]
    SLA_FIELD_NUMBER: _ClassVar[int]
    LIMIT_KEYS_FIELD_NUMBER: _ClassVar[int]
    DROPS_RESULT_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
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
    task_group_id: str
    mapping: _mapping_pb2.MappingSpec
    map_index_template: str
    is_setup: bool
    is_teardown: bool
    on_failure_fail_dagrun: bool
    depends_on_past: bool
    heeds_first_depends_on_past: bool
    wait_for_past_depends_before_skipping: bool
    wait_for_downstream: bool
    start_date: _timestamp_pb2.Timestamp
    end_date: _timestamp_pb2.Timestamp
    is_latest_only: bool
    human_input: _waiting_pb2.HumanInputSpec
    trigger: _waiting_pb2.TriggerSpec
    trigger_timeout: _duration_pb2.Duration
    is_soft_fail: bool
    inlets: _containers.RepeatedCompositeFieldContainer[_asset_pb2.AssetPort]
    outlets: _containers.RepeatedCompositeFieldContainer[_asset_pb2.AssetPort]
    callbacks: _containers.RepeatedCompositeFieldContainer[_alert_pb2.CallbackSpec]
    sla: _duration_pb2.Duration
    limit_keys: _containers.RepeatedScalarFieldContainer[str]
    drops_result: bool
    display_name: str
    def __init__(self, task_id: _Optional[str] = ..., handler: _Optional[str] = ..., queue: _Optional[str] = ..., upstream_task_ids: _Optional[_Iterable[str]] = ..., trigger_rule: _Optional[_Union[TriggerRule, str]] = ..., pool: _Optional[str] = ..., pool_slots: _Optional[int] = ..., priority_weight: _Optional[int] = ..., weight_rule: _Optional[_Union[WeightRule, str]] = ..., retry: _Optional[_Union[RetryPolicy, _Mapping]] = ..., execution_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., active_tis_per_dag_max: _Optional[int] = ..., active_tis_per_dagrun_max: _Optional[int] = ..., inputs: _Optional[_Iterable[_Union[TaskInput, _Mapping]]] = ..., connections: _Optional[_Iterable[str]] = ..., doc_md: _Optional[str] = ..., source_line: _Optional[int] = ..., is_empty: bool = ..., task_group_id: _Optional[str] = ..., mapping: _Optional[_Union[_mapping_pb2.MappingSpec, _Mapping]] = ..., map_index_template: _Optional[str] = ..., is_setup: bool = ..., is_teardown: bool = ..., on_failure_fail_dagrun: bool = ..., depends_on_past: bool = ..., heeds_first_depends_on_past: bool = ..., wait_for_past_depends_before_skipping: bool = ..., wait_for_downstream: bool = ..., start_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_latest_only: bool = ..., human_input: _Optional[_Union[_waiting_pb2.HumanInputSpec, _Mapping]] = ..., trigger: _Optional[_Union[_waiting_pb2.TriggerSpec, _Mapping]] = ..., trigger_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., is_soft_fail: bool = ..., inlets: _Optional[_Iterable[_Union[_asset_pb2.AssetPort, _Mapping]]] = ..., outlets: _Optional[_Iterable[_Union[_asset_pb2.AssetPort, _Mapping]]] = ..., callbacks: _Optional[_Iterable[_Union[_alert_pb2.CallbackSpec, _Mapping]]] = ..., sla: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., limit_keys: _Optional[_Iterable[str]] = ..., drops_result: bool = ..., display_name: _Optional[str] = ...) -> None: ...

class TaskInput(_message.Message):
    __slots__ = ("name", "value_json", "xcom", "group_argument")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    XCOM_FIELD_NUMBER: _ClassVar[int]
    GROUP_ARGUMENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    value_json: str
    xcom: XComRef
    group_argument: GroupArgument
    def __init__(self, name: _Optional[str] = ..., value_json: _Optional[str] = ..., xcom: _Optional[_Union[XComRef, _Mapping]] = ..., group_argument: _Optional[_Union[GroupArgument, _Mapping]] = ...) -> None: ...

class GroupArgument(_message.Message):
    __slots__ = ("group_id", "name")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    name: str
    def __init__(self, group_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class XComRef(_message.Message):
    __slots__ = ("task_id", "key")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    key: str
    def __init__(self, task_id: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class RetryPolicy(_message.Message):
    __slots__ = ("retries", "delay", "exponential_backoff", "delay_max", "rules")
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    EXPONENTIAL_BACKOFF_FIELD_NUMBER: _ClassVar[int]
    DELAY_MAX_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    retries: int
    delay: _duration_pb2.Duration
    exponential_backoff: float
    delay_max: _duration_pb2.Duration
    rules: _containers.RepeatedCompositeFieldContainer[RetryRule]
    def __init__(self, retries: _Optional[int] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., exponential_backoff: _Optional[float] = ..., delay_max: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., rules: _Optional[_Iterable[_Union[RetryRule, _Mapping]]] = ...) -> None: ...

class RetryRule(_message.Message):
    __slots__ = ("reasons", "error_classes", "action", "delay", "note")
    REASONS_FIELD_NUMBER: _ClassVar[int]
    ERROR_CLASSES_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    error_classes: _containers.RepeatedScalarFieldContainer[str]
    action: RetryAction
    delay: _duration_pb2.Duration
    note: str
    def __init__(self, reasons: _Optional[_Iterable[str]] = ..., error_classes: _Optional[_Iterable[str]] = ..., action: _Optional[_Union[RetryAction, str]] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

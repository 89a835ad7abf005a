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

class HumanInputEffect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HUMAN_INPUT_EFFECT_UNSPECIFIED: _ClassVar[HumanInputEffect]
    HUMAN_INPUT_EFFECT_APPROVAL: _ClassVar[HumanInputEffect]
    HUMAN_INPUT_EFFECT_APPROVAL_OR_FAIL: _ClassVar[HumanInputEffect]
    HUMAN_INPUT_EFFECT_BRANCH: _ClassVar[HumanInputEffect]
HUMAN_INPUT_EFFECT_UNSPECIFIED: HumanInputEffect
HUMAN_INPUT_EFFECT_APPROVAL: HumanInputEffect
HUMAN_INPUT_EFFECT_APPROVAL_OR_FAIL: HumanInputEffect
HUMAN_INPUT_EFFECT_BRANCH: HumanInputEffect

class TriggerSpec(_message.Message):
    __slots__ = ("timer", "http", "file", "external_task", "asset")
    TIMER_FIELD_NUMBER: _ClassVar[int]
    HTTP_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_TASK_FIELD_NUMBER: _ClassVar[int]
    ASSET_FIELD_NUMBER: _ClassVar[int]
    timer: TimerTrigger
    http: HttpTrigger
    file: FileTrigger
    external_task: ExternalTaskTrigger
    asset: AssetTrigger
    def __init__(self, timer: _Optional[_Union[TimerTrigger, _Mapping]] = ..., http: _Optional[_Union[HttpTrigger, _Mapping]] = ..., file: _Optional[_Union[FileTrigger, _Mapping]] = ..., external_task: _Optional[_Union[ExternalTaskTrigger, _Mapping]] = ..., asset: _Optional[_Union[AssetTrigger, _Mapping]] = ...) -> None: ...

class TimerTrigger(_message.Message):
    __slots__ = ("at", "after")
    AT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    at: _timestamp_pb2.Timestamp
    after: _duration_pb2.Duration
    def __init__(self, at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class HttpTrigger(_message.Message):
    __slots__ = ("url", "method", "headers", "body", "status", "contains", "poll_interval")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    URL_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CONTAINS_FIELD_NUMBER: _ClassVar[int]
    POLL_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    url: str
    method: str
    headers: _containers.ScalarMap[str, str]
    body: str
    status: int
    contains: str
    poll_interval: _duration_pb2.Duration
    def __init__(self, url: _Optional[str] = ..., method: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., body: _Optional[str] = ..., status: _Optional[int] = ..., contains: _Optional[str] = ..., poll_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class FileTrigger(_message.Message):
    __slots__ = ("path", "is_gone", "poll_interval")
    PATH_FIELD_NUMBER: _ClassVar[int]
    IS_GONE_FIELD_NUMBER: _ClassVar[int]
    POLL_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    path: str
    is_gone: bool
    poll_interval: _duration_pb2.Duration
    def __init__(self, path: _Optional[str] = ..., is_gone: bool = ..., poll_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ExternalTaskTrigger(_message.Message):
    __slots__ = ("dag_id", "run_id", "logical_dates", "task_ids", "task_group_id", "allowed_states", "failed_states", "skipped_states", "poll_interval")
    DAG_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_DATES_FIELD_NUMBER: _ClassVar[int]
    TASK_IDS_FIELD_NUMBER: _ClassVar[int]
    TASK_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_STATES_FIELD_NUMBER: _ClassVar[int]
    FAILED_STATES_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_STATES_FIELD_NUMBER: _ClassVar[int]
    POLL_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    dag_id: str
    run_id: str
    logical_dates: _containers.RepeatedCompositeFieldContainer[_timestamp_pb2.Timestamp]
    task_ids: _containers.RepeatedScalarFieldContainer[str]
    task_group_id: str
    allowed_states: _containers.RepeatedScalarFieldContainer[str]
    failed_states: _containers.RepeatedScalarFieldContainer[str]
    skipped_states: _containers.RepeatedScalarFieldContainer[str]
    poll_interval: _duration_pb2.Duration
    def __init__(self, dag_id: _Optional[str] = ..., run_id: _Optional[str] = ..., logical_dates: _Optional[_Iterable[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]]] = ..., task_ids: _Optional[_Iterable[str]] = ..., task_group_id: _Optional[str] = ..., allowed_states: _Optional[_Iterable[str]] = ..., failed_states: _Optional[_Iterable[str]] = ..., skipped_states: _Optional[_Iterable[str]] = ..., poll_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class AssetTrigger(_message.Message):
    __slots__ = ("asset_name", "poll_interval")
    ASSET_NAME_FIELD_NUMBER: _ClassVar[int]
    POLL_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    asset_name: str
    poll_interval: _duration_pb2.Duration
    def __init__(self, asset_name: _Optional[str] = ..., poll_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class HumanInputSpec(_message.Message):
    __slots__ = ("subject", "body", "options", "defaults", "is_multiple", "params_schema_json", "params_json", "assigned_users", "timeout", "effect", "branches")
    class BranchesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    DEFAULTS_FIELD_NUMBER: _ClassVar[int]
    IS_MULTIPLE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_USERS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    BRANCHES_FIELD_NUMBER: _ClassVar[int]
    subject: str
    body: str
    options: _containers.RepeatedScalarFieldContainer[str]
    defaults: _containers.RepeatedScalarFieldContainer[str]
    is_multiple: bool
    params_schema_json: str
    params_json: str
    assigned_users: _containers.RepeatedScalarFieldContainer[str]
    timeout: _duration_pb2.Duration
    effect: HumanInputEffect
    branches: _containers.ScalarMap[str, str]
    def __init__(self, subject: _Optional[str] = ..., body: _Optional[str] = ..., options: _Optional[_Iterable[str]] = ..., defaults: _Optional[_Iterable[str]] = ..., is_multiple: bool = ..., params_schema_json: _Optional[str] = ..., params_json: _Optional[str] = ..., assigned_users: _Optional[_Iterable[str]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., effect: _Optional[_Union[HumanInputEffect, str]] = ..., branches: _Optional[_Mapping[str, str]] = ...) -> None: ...

class HumanInputResponse(_message.Message):
    __slots__ = ("chosen_options", "params_json", "responded_by", "responded_at")
    CHOSEN_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    RESPONDED_BY_FIELD_NUMBER: _ClassVar[int]
    RESPONDED_AT_FIELD_NUMBER: _ClassVar[int]
    chosen_options: _containers.RepeatedScalarFieldContainer[str]
    params_json: str
    responded_by: str
    responded_at: _timestamp_pb2.Timestamp
    def __init__(self, chosen_options: _Optional[_Iterable[str]] = ..., params_json: _Optional[str] = ..., responded_by: _Optional[str] = ..., responded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

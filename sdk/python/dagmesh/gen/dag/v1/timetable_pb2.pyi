import datetime

from dagmesh.gen.dag.v1 import asset_pb2 as _asset_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunImmediately(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_IMMEDIATELY_UNSPECIFIED: _ClassVar[RunImmediately]
    RUN_IMMEDIATELY_ALWAYS: _ClassVar[RunImmediately]
    RUN_IMMEDIATELY_NEVER: _ClassVar[RunImmediately]
    RUN_IMMEDIATELY_WITHIN: _ClassVar[RunImmediately]

class PartitionMapperKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARTITION_MAPPER_KIND_UNSPECIFIED: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_IDENTITY: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_HOURLY: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_DAILY: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_WEEKLY: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_MONTHLY: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_QUARTERLY: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_YEARLY: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_CONSTANT: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_ALLOWED: _ClassVar[PartitionMapperKind]
    PARTITION_MAPPER_KIND_CHAIN: _ClassVar[PartitionMapperKind]
RUN_IMMEDIATELY_UNSPECIFIED: RunImmediately
RUN_IMMEDIATELY_ALWAYS: RunImmediately
RUN_IMMEDIATELY_NEVER: RunImmediately
RUN_IMMEDIATELY_WITHIN: RunImmediately
PARTITION_MAPPER_KIND_UNSPECIFIED: PartitionMapperKind
PARTITION_MAPPER_KIND_IDENTITY: PartitionMapperKind
PARTITION_MAPPER_KIND_HOURLY: PartitionMapperKind
PARTITION_MAPPER_KIND_DAILY: PartitionMapperKind
PARTITION_MAPPER_KIND_WEEKLY: PartitionMapperKind
PARTITION_MAPPER_KIND_MONTHLY: PartitionMapperKind
PARTITION_MAPPER_KIND_QUARTERLY: PartitionMapperKind
PARTITION_MAPPER_KIND_YEARLY: PartitionMapperKind
PARTITION_MAPPER_KIND_CONSTANT: PartitionMapperKind
PARTITION_MAPPER_KIND_ALLOWED: PartitionMapperKind
PARTITION_MAPPER_KIND_CHAIN: PartitionMapperKind

class Timetable(_message.Message):
    __slots__ = ("cron", "delta", "once", "continuous", "multiple_cron", "events", "workday", "asset", "asset_or_time", "cron_partition", "partitioned_asset")
    CRON_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    ONCE_FIELD_NUMBER: _ClassVar[int]
    CONTINUOUS_FIELD_NUMBER: _ClassVar[int]
    MULTIPLE_CRON_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    WORKDAY_FIELD_NUMBER: _ClassVar[int]
    ASSET_FIELD_NUMBER: _ClassVar[int]
    ASSET_OR_TIME_FIELD_NUMBER: _ClassVar[int]
    CRON_PARTITION_FIELD_NUMBER: _ClassVar[int]
    PARTITIONED_ASSET_FIELD_NUMBER: _ClassVar[int]
    cron: CronTimetable
    delta: DeltaTimetable
    once: OnceTimetable
    continuous: ContinuousTimetable
    multiple_cron: MultipleCronTimetable
    events: EventsTimetable
    workday: WorkdayTimetable
    asset: AssetTimetable
    asset_or_time: AssetOrTimeTimetable
    cron_partition: CronPartitionTimetable
    partitioned_asset: PartitionedAssetTimetable
    def __init__(self, cron: _Optional[_Union[CronTimetable, _Mapping]] = ..., delta: _Optional[_Union[DeltaTimetable, _Mapping]] = ..., once: _Optional[_Union[OnceTimetable, _Mapping]] = ..., continuous: _Optional[_Union[ContinuousTimetable, _Mapping]] = ..., multiple_cron: _Optional[_Union[MultipleCronTimetable, _Mapping]] = ..., events: _Optional[_Union[EventsTimetable, _Mapping]] = ..., workday: _Optional[_Union[WorkdayTimetable, _Mapping]] = ..., asset: _Optional[_Union[AssetTimetable, _Mapping]] = ..., asset_or_time: _Optional[_Union[AssetOrTimeTimetable, _Mapping]] = ..., cron_partition: _Optional[_Union[CronPartitionTimetable, _Mapping]] = ..., partitioned_asset: _Optional[_Union[PartitionedAssetTimetable, _Mapping]] = ...) -> None: ...

class CronTimetable(_message.Message):
    __slots__ = ("expression", "timezone", "data_interval", "look_back", "run_immediately", "run_immediately_within")
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    DATA_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LOOK_BACK_FIELD_NUMBER: _ClassVar[int]
    RUN_IMMEDIATELY_FIELD_NUMBER: _ClassVar[int]
    RUN_IMMEDIATELY_WITHIN_FIELD_NUMBER: _ClassVar[int]
    expression: str
    timezone: str
    data_interval: bool
    look_back: _duration_pb2.Duration
    run_immediately: RunImmediately
    run_immediately_within: _duration_pb2.Duration
    def __init__(self, expression: _Optional[str] = ..., timezone: _Optional[str] = ..., data_interval: bool = ..., look_back: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., run_immediately: _Optional[_Union[RunImmediately, str]] = ..., run_immediately_within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class DeltaTimetable(_message.Message):
    __slots__ = ("delta", "data_interval", "look_back", "months")
    DELTA_FIELD_NUMBER: _ClassVar[int]
    DATA_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LOOK_BACK_FIELD_NUMBER: _ClassVar[int]
    MONTHS_FIELD_NUMBER: _ClassVar[int]
    delta: _duration_pb2.Duration
    data_interval: bool
    look_back: _duration_pb2.Duration
    months: int
    def __init__(self, delta: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., data_interval: bool = ..., look_back: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., months: _Optional[int] = ...) -> None: ...

class OnceTimetable(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ContinuousTimetable(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class MultipleCronTimetable(_message.Message):
    __slots__ = ("expressions", "timezone", "look_back", "run_immediately", "run_immediately_within")
    EXPRESSIONS_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    LOOK_BACK_FIELD_NUMBER: _ClassVar[int]
    RUN_IMMEDIATELY_FIELD_NUMBER: _ClassVar[int]
    RUN_IMMEDIATELY_WITHIN_FIELD_NUMBER: _ClassVar[int]
    expressions: _containers.RepeatedScalarFieldContainer[str]
    timezone: str
    look_back: _duration_pb2.Duration
    run_immediately: RunImmediately
    run_immediately_within: _duration_pb2.Duration
    def __init__(self, expressions: _Optional[_Iterable[str]] = ..., timezone: _Optional[str] = ..., look_back: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., run_immediately: _Optional[_Union[RunImmediately, str]] = ..., run_immediately_within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class EventsTimetable(_message.Message):
    __slots__ = ("instants", "restrict_to_events", "description")
    INSTANTS_FIELD_NUMBER: _ClassVar[int]
    RESTRICT_TO_EVENTS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    instants: _containers.RepeatedCompositeFieldContainer[_timestamp_pb2.Timestamp]
    restrict_to_events: bool
    description: str
    def __init__(self, instants: _Optional[_Iterable[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]]] = ..., restrict_to_events: bool = ..., description: _Optional[str] = ...) -> None: ...

class WorkdayTimetable(_message.Message):
    __slots__ = ("timezone", "holidays")
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    HOLIDAYS_FIELD_NUMBER: _ClassVar[int]
    timezone: str
    holidays: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, timezone: _Optional[str] = ..., holidays: _Optional[_Iterable[str]] = ...) -> None: ...

class AssetTimetable(_message.Message):
    __slots__ = ("condition",)
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    condition: _asset_pb2.AssetExpression
    def __init__(self, condition: _Optional[_Union[_asset_pb2.AssetExpression, _Mapping]] = ...) -> None: ...

class AssetOrTimeTimetable(_message.Message):
    __slots__ = ("condition", "time")
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    condition: _asset_pb2.AssetExpression
    time: Timetable
    def __init__(self, condition: _Optional[_Union[_asset_pb2.AssetExpression, _Mapping]] = ..., time: _Optional[_Union[Timetable, _Mapping]] = ...) -> None: ...

class CronPartitionTimetable(_message.Message):
    __slots__ = ("expression", "timezone", "run_offset", "key_format")
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    RUN_OFFSET_FIELD_NUMBER: _ClassVar[int]
    KEY_FORMAT_FIELD_NUMBER: _ClassVar[int]
    expression: str
    timezone: str
    run_offset: int
    key_format: str
    def __init__(self, expression: _Optional[str] = ..., timezone: _Optional[str] = ..., run_offset: _Optional[int] = ..., key_format: _Optional[str] = ...) -> None: ...

class PartitionedAssetTimetable(_message.Message):
    __slots__ = ("condition", "mappers", "default_mapper")
    class MappersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: PartitionMapper
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[PartitionMapper, _Mapping]] = ...) -> None: ...
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    MAPPERS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_MAPPER_FIELD_NUMBER: _ClassVar[int]
    condition: _asset_pb2.AssetExpression
    mappers: _containers.MessageMap[str, PartitionMapper]
    default_mapper: PartitionMapper
    def __init__(self, condition: _Optional[_Union[_asset_pb2.AssetExpression, _Mapping]] = ..., mappers: _Optional[_Mapping[str, PartitionMapper]] = ..., default_mapper: _Optional[_Union[PartitionMapper, _Mapping]] = ...) -> None: ...

class PartitionMapper(_message.Message):
    __slots__ = ("kind", "input_format", "output_format", "constant_key", "allowed_keys", "chain", "timezone")
    KIND_FIELD_NUMBER: _ClassVar[int]
    INPUT_FORMAT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FORMAT_FIELD_NUMBER: _ClassVar[int]
    CONSTANT_KEY_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_KEYS_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    kind: PartitionMapperKind
    input_format: str
    output_format: str
    constant_key: str
    allowed_keys: _containers.RepeatedScalarFieldContainer[str]
    chain: _containers.RepeatedCompositeFieldContainer[PartitionMapper]
    timezone: str
    def __init__(self, kind: _Optional[_Union[PartitionMapperKind, str]] = ..., input_format: _Optional[str] = ..., output_format: _Optional[str] = ..., constant_key: _Optional[str] = ..., allowed_keys: _Optional[_Iterable[str]] = ..., chain: _Optional[_Iterable[_Union[PartitionMapper, _Mapping]]] = ..., timezone: _Optional[str] = ...) -> None: ...

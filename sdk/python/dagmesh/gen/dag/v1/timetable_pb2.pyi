import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Timetable(_message.Message):
    __slots__ = ("cron", "delta", "once")
    CRON_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    ONCE_FIELD_NUMBER: _ClassVar[int]
    cron: CronTimetable
    delta: DeltaTimetable
    once: OnceTimetable
    def __init__(self, cron: _Optional[_Union[CronTimetable, _Mapping]] = ..., delta: _Optional[_Union[DeltaTimetable, _Mapping]] = ..., once: _Optional[_Union[OnceTimetable, _Mapping]] = ...) -> None: ...

class CronTimetable(_message.Message):
    __slots__ = ("expression", "timezone", "data_interval")
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    DATA_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    expression: str
    timezone: str
    data_interval: bool
    def __init__(self, expression: _Optional[str] = ..., timezone: _Optional[str] = ..., data_interval: bool = ...) -> None: ...

class DeltaTimetable(_message.Message):
    __slots__ = ("delta", "data_interval")
    DELTA_FIELD_NUMBER: _ClassVar[int]
    DATA_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    delta: _duration_pb2.Duration
    data_interval: bool
    def __init__(self, delta: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., data_interval: bool = ...) -> None: ...

class OnceTimetable(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

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

class CallbackEvent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALLBACK_EVENT_UNSPECIFIED: _ClassVar[CallbackEvent]
    CALLBACK_EVENT_EXECUTE: _ClassVar[CallbackEvent]
    CALLBACK_EVENT_SUCCESS: _ClassVar[CallbackEvent]
    CALLBACK_EVENT_FAILURE: _ClassVar[CallbackEvent]
    CALLBACK_EVENT_RETRY: _ClassVar[CallbackEvent]
    CALLBACK_EVENT_SKIPPED: _ClassVar[CallbackEvent]
    CALLBACK_EVENT_SLA_MISS: _ClassVar[CallbackEvent]
CALLBACK_EVENT_UNSPECIFIED: CallbackEvent
CALLBACK_EVENT_EXECUTE: CallbackEvent
CALLBACK_EVENT_SUCCESS: CallbackEvent
CALLBACK_EVENT_FAILURE: CallbackEvent
CALLBACK_EVENT_RETRY: CallbackEvent
CALLBACK_EVENT_SKIPPED: CallbackEvent
CALLBACK_EVENT_SLA_MISS: CallbackEvent

class CallbackSpec(_message.Message):
    __slots__ = ("event", "handler", "webhook", "email", "queue")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    HANDLER_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    event: CallbackEvent
    handler: str
    webhook: WebhookNotifier
    email: EmailNotifier
    queue: str
    def __init__(self, event: _Optional[_Union[CallbackEvent, str]] = ..., handler: _Optional[str] = ..., webhook: _Optional[_Union[WebhookNotifier, _Mapping]] = ..., email: _Optional[_Union[EmailNotifier, _Mapping]] = ..., queue: _Optional[str] = ...) -> None: ...

class WebhookNotifier(_message.Message):
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

class EmailNotifier(_message.Message):
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

class DeadlineSpec(_message.Message):
    __slots__ = ("name", "logical_date", "queued_at", "fixed", "average_runtime", "interval", "callback")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_DATE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    FIXED_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_RUNTIME_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_FIELD_NUMBER: _ClassVar[int]
    name: str
    logical_date: LogicalDateReference
    queued_at: QueuedAtReference
    fixed: _timestamp_pb2.Timestamp
    average_runtime: AverageRuntimeReference
    interval: _duration_pb2.Duration
    callback: CallbackSpec
    def __init__(self, name: _Optional[str] = ..., logical_date: _Optional[_Union[LogicalDateReference, _Mapping]] = ..., queued_at: _Optional[_Union[QueuedAtReference, _Mapping]] = ..., fixed: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., average_runtime: _Optional[_Union[AverageRuntimeReference, _Mapping]] = ..., interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., callback: _Optional[_Union[CallbackSpec, _Mapping]] = ...) -> None: ...

class LogicalDateReference(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class QueuedAtReference(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AverageRuntimeReference(_message.Message):
    __slots__ = ("runs_max", "runs_min")
    RUNS_MAX_FIELD_NUMBER: _ClassVar[int]
    RUNS_MIN_FIELD_NUMBER: _ClassVar[int]
    runs_max: int
    runs_min: int
    def __init__(self, runs_max: _Optional[int] = ..., runs_min: _Optional[int] = ...) -> None: ...

import datetime

from dagmesh.gen.dag.v1 import waiting_pb2 as _waiting_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AssetSpec(_message.Message):
    __slots__ = ("name", "uri", "group", "extra_json", "watchers")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    EXTRA_JSON_FIELD_NUMBER: _ClassVar[int]
    WATCHERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    uri: str
    group: str
    extra_json: str
    watchers: _containers.RepeatedCompositeFieldContainer[AssetWatcherSpec]
    def __init__(self, name: _Optional[str] = ..., uri: _Optional[str] = ..., group: _Optional[str] = ..., extra_json: _Optional[str] = ..., watchers: _Optional[_Iterable[_Union[AssetWatcherSpec, _Mapping]]] = ...) -> None: ...

class AssetWatcherSpec(_message.Message):
    __slots__ = ("name", "trigger")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    name: str
    trigger: _waiting_pb2.TriggerSpec
    def __init__(self, name: _Optional[str] = ..., trigger: _Optional[_Union[_waiting_pb2.TriggerSpec, _Mapping]] = ...) -> None: ...

class AssetExpression(_message.Message):
    __slots__ = ("asset", "alias", "all", "any")
    ASSET_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    ANY_FIELD_NUMBER: _ClassVar[int]
    asset: AssetRef
    alias: str
    all: AssetExpressions
    any: AssetExpressions
    def __init__(self, asset: _Optional[_Union[AssetRef, _Mapping]] = ..., alias: _Optional[str] = ..., all: _Optional[_Union[AssetExpressions, _Mapping]] = ..., any: _Optional[_Union[AssetExpressions, _Mapping]] = ...) -> None: ...

class AssetExpressions(_message.Message):
    __slots__ = ("expressions",)
    EXPRESSIONS_FIELD_NUMBER: _ClassVar[int]
    expressions: _containers.RepeatedCompositeFieldContainer[AssetExpression]
    def __init__(self, expressions: _Optional[_Iterable[_Union[AssetExpression, _Mapping]]] = ...) -> None: ...

class AssetRef(_message.Message):
    __slots__ = ("name", "uri")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    name: str
    uri: str
    def __init__(self, name: _Optional[str] = ..., uri: _Optional[str] = ...) -> None: ...

class AssetPort(_message.Message):
    __slots__ = ("asset", "alias")
    ASSET_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    asset: AssetRef
    alias: str
    def __init__(self, asset: _Optional[_Union[AssetRef, _Mapping]] = ..., alias: _Optional[str] = ...) -> None: ...

class AssetEvent(_message.Message):
    __slots__ = ("id", "asset_name", "asset_uri", "extra_json", "timestamp", "source_dag_id", "source_run_id", "source_task_id", "source_map_index", "partition_key", "aliases", "actor")
    ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_NAME_FIELD_NUMBER: _ClassVar[int]
    ASSET_URI_FIELD_NUMBER: _ClassVar[int]
    EXTRA_JSON_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DAG_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_TASK_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_MAP_INDEX_FIELD_NUMBER: _ClassVar[int]
    PARTITION_KEY_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    id: str
    asset_name: str
    asset_uri: str
    extra_json: str
    timestamp: _timestamp_pb2.Timestamp
    source_dag_id: str
    source_run_id: str
    source_task_id: str
    source_map_index: int
    partition_key: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    actor: str
    def __init__(self, id: _Optional[str] = ..., asset_name: _Optional[str] = ..., asset_uri: _Optional[str] = ..., extra_json: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source_dag_id: _Optional[str] = ..., source_run_id: _Optional[str] = ..., source_task_id: _Optional[str] = ..., source_map_index: _Optional[int] = ..., partition_key: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., actor: _Optional[str] = ...) -> None: ...

class AssetUpdate(_message.Message):
    __slots__ = ("asset", "extra_json", "alias", "partition_key")
    ASSET_FIELD_NUMBER: _ClassVar[int]
    EXTRA_JSON_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    PARTITION_KEY_FIELD_NUMBER: _ClassVar[int]
    asset: AssetRef
    extra_json: str
    alias: str
    partition_key: str
    def __init__(self, asset: _Optional[_Union[AssetRef, _Mapping]] = ..., extra_json: _Optional[str] = ..., alias: _Optional[str] = ..., partition_key: _Optional[str] = ...) -> None: ...

from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MappingSpec(_message.Message):
    __slots__ = ("product", "kwargs")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    KWARGS_FIELD_NUMBER: _ClassVar[int]
    product: MappingProduct
    kwargs: MappingSource
    def __init__(self, product: _Optional[_Union[MappingProduct, _Mapping]] = ..., kwargs: _Optional[_Union[MappingSource, _Mapping]] = ...) -> None: ...

class MappingProduct(_message.Message):
    __slots__ = ("arguments",)
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    arguments: _containers.RepeatedCompositeFieldContainer[MappedArgument]
    def __init__(self, arguments: _Optional[_Iterable[_Union[MappedArgument, _Mapping]]] = ...) -> None: ...

class MappedArgument(_message.Message):
    __slots__ = ("name", "source")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    source: MappingSource
    def __init__(self, name: _Optional[str] = ..., source: _Optional[_Union[MappingSource, _Mapping]] = ...) -> None: ...

class MappingSource(_message.Message):
    __slots__ = ("value_json", "task_id", "zip", "concat", "map")
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ZIP_FIELD_NUMBER: _ClassVar[int]
    CONCAT_FIELD_NUMBER: _ClassVar[int]
    MAP_FIELD_NUMBER: _ClassVar[int]
    value_json: str
    task_id: str
    zip: ZipSource
    concat: ConcatSource
    map: MapSource
    def __init__(self, value_json: _Optional[str] = ..., task_id: _Optional[str] = ..., zip: _Optional[_Union[ZipSource, _Mapping]] = ..., concat: _Optional[_Union[ConcatSource, _Mapping]] = ..., map: _Optional[_Union[MapSource, _Mapping]] = ...) -> None: ...

class ZipSource(_message.Message):
    __slots__ = ("sources", "fill_json")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    FILL_JSON_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[MappingSource]
    fill_json: str
    def __init__(self, sources: _Optional[_Iterable[_Union[MappingSource, _Mapping]]] = ..., fill_json: _Optional[str] = ...) -> None: ...

class ConcatSource(_message.Message):
    __slots__ = ("sources",)
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[MappingSource]
    def __init__(self, sources: _Optional[_Iterable[_Union[MappingSource, _Mapping]]] = ...) -> None: ...

class MapSource(_message.Message):
    __slots__ = ("source", "handler")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    HANDLER_FIELD_NUMBER: _ClassVar[int]
    source: MappingSource
    handler: str
    def __init__(self, source: _Optional[_Union[MappingSource, _Mapping]] = ..., handler: _Optional[str] = ...) -> None: ...

class TaskGroupSpec(_message.Message):
    __slots__ = ("group_id", "parent_group_id", "display_name", "tooltip", "mapping", "has_prefix")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TOOLTIP_FIELD_NUMBER: _ClassVar[int]
    MAPPING_FIELD_NUMBER: _ClassVar[int]
    HAS_PREFIX_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    parent_group_id: str
    display_name: str
    tooltip: str
    mapping: MappingSpec
    has_prefix: bool
    def __init__(self, group_id: _Optional[str] = ..., parent_group_id: _Optional[str] = ..., display_name: _Optional[str] = ..., tooltip: _Optional[str] = ..., mapping: _Optional[_Union[MappingSpec, _Mapping]] = ..., has_prefix: bool = ...) -> None: ...

class EdgeLabel(_message.Message):
    __slots__ = ("upstream_task_id", "downstream_task_id", "label")
    UPSTREAM_TASK_ID_FIELD_NUMBER: _ClassVar[int]
    DOWNSTREAM_TASK_ID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    upstream_task_id: str
    downstream_task_id: str
    label: str
    def __init__(self, upstream_task_id: _Optional[str] = ..., downstream_task_id: _Optional[str] = ..., label: _Optional[str] = ...) -> None: ...

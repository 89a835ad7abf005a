"""Assets: the data that tasks make and DAGs wait for, and conditions over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dagmesh.authoring.checks import json_of, require, require_text
from dagmesh.authoring.source import refuse
from dagmesh.authoring.wire import Wire, without_blanks

if TYPE_CHECKING:
    from dagmesh.authoring.trigger import Trigger

NAME_LENGTH_MAX = 1500


class AssetExpression:
    """True or false by which assets were updated: an asset, an alias, `a | b`, `a & b`."""

    def __or__(self, other: AssetExpression) -> AssetAny:
        return AssetAny(self, other)

    def __and__(self, other: AssetExpression) -> AssetAll:
        return AssetAll(self, other)

    def wire(self) -> Wire:
        """The AssetExpression."""
        raise NotImplementedError

    def assets(self) -> Iterator[Asset]:
        """The assets that it names with all their fields."""
        yield from ()


@dataclass(frozen=True)
class AssetRef(AssetExpression):
    """An asset that is described elsewhere; see `Asset.ref`."""

    name: str = ''
    uri: str = ''

    def __post_init__(self) -> None:
        if bool(self.name) == bool(self.uri):
            raise refuse('an asset is referred to by its name or by its uri: give one of them')

    def wire(self) -> Wire:
        """The AssetExpression, which is written like an AssetPort."""
        return {'asset': without_blanks({'name': self.name, 'uri': self.uri})}


@dataclass(frozen=True)
class AssetWatcher:
    """A trigger each of whose events is an update of the asset, and the extra of that update.

    What stays true is one event: files count again when one comes, goes or changes, an answer over
    HTTP when it is another. Write files elsewhere and move them: one that grows changes at every
    look. No more than 1,000 files are seen at a time.
    """

    name: str
    trigger: Trigger


@dataclass(frozen=True)
class Asset(AssetExpression):
    """A piece of data. Of name and uri, each stands for the other when it is not given."""

    name: str = ''
    uri: str = ''
    group: str = field(default='', compare=False)
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)
    watchers: Sequence[AssetWatcher] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, 'name', self.name or self.uri)
        object.__setattr__(self, 'uri', self.uri or self.name)
        for attribute in ('name', 'uri'):
            require_text(attribute, getattr(self, attribute), NAME_LENGTH_MAX, least=1)
        require(not self.uri.startswith('airflow:'), 'uri', self.uri, 'of another scheme')

    @staticmethod
    def ref(name: str = '', uri: str = '') -> AssetRef:
        """An asset that is described elsewhere, by its name or by its uri."""
        return AssetRef(name, uri)

    def wire(self) -> Wire:
        """The AssetExpression, which is written like an AssetPort."""
        return {'asset': {'name': self.name, 'uri': self.uri}}

    def assets(self) -> Iterator[Asset]:
        """Itself."""
        yield self

    def spec_wire(self) -> Wire:
        """The AssetSpec."""
        watchers = [
            {'name': watcher.name, 'trigger': watcher.trigger.wire()} for watcher in self.watchers
        ]
        fields = {'name': self.name, 'uri': self.uri, 'group': self.group, 'watchers': watchers}
        if self.extra:
            fields['extra_json'] = json_of('extra', dict(self.extra))
        return without_blanks(fields)


@dataclass(frozen=True)
class AssetAlias(AssetExpression):
    """A name that a task resolves to assets while it runs: `outlet_events[alias].add(asset)`."""

    name: str
    group: str = field(default='', compare=False)

    def __post_init__(self) -> None:
        require_text('name', self.name, NAME_LENGTH_MAX, least=1)

    def wire(self) -> Wire:
        """The AssetExpression, which is written like an AssetPort."""
        return {'alias': self.name}


class _Several(AssetExpression):
    word = ''

    def __init__(self, *expressions: AssetExpression) -> None:
        self.expressions = [asset_expression_of(each) for each in expressions]
        require(1 <= len(expressions) <= 100, 'assets', expressions, '1–100 assets')

    def wire(self) -> Wire:
        """The AssetExpression."""
        return {self.word: {'expressions': [each.wire() for each in self.expressions]}}

    def assets(self) -> Iterator[Asset]:
        """Those of all its parts."""
        for each in self.expressions:
            yield from each.assets()


class AssetAny(_Several):
    """`a | b`: one of them was updated."""

    word = 'any'

    def __or__(self, other: AssetExpression) -> AssetAny:
        return AssetAny(*self.expressions, other)


class AssetAll(_Several):
    """`a & b`, and a list of assets: all of them were updated."""

    word = 'all'

    def __and__(self, other: AssetExpression) -> AssetAll:
        return AssetAll(*self.expressions, other)


def asset_expression_of(value: Any) -> AssetExpression:
    """A condition an author gave; a list means all of its elements."""
    if isinstance(value, AssetExpression):
        return value
    if isinstance(value, (list, tuple)):
        return AssetAll(*value)
    raise refuse(f'{value!r} is no asset: give an Asset, an AssetAlias, or Asset.ref(name=...)')


def ports_of(name: str, value: Any) -> list[AssetExpression]:
    """What an author gave as `inlets` or `outlets`: assets, references and aliases."""
    ports = list(value) if isinstance(value, (list, tuple)) else [value]
    for port in ports:
        is_port = isinstance(port, (Asset, AssetRef, AssetAlias))
        require(is_port, name, port, 'a list of Asset, AssetAlias or Asset.ref(...)')
    return ports


def asset_specs(expressions: Iterable[AssetExpression]) -> list[Wire]:
    """The AssetSpecs of all assets that are named there, each once.

    AuthoringError when one name stands for two different assets.
    """
    specs: dict[str, Wire] = {}
    for expression in expressions:
        for asset in expression.assets():
            spec, known = asset.spec_wire(), specs.get(asset.name)
            if known is not None and known['uri'] != spec['uri']:
                raise refuse(f'two different assets of this DAG are named {asset.name!r}')
            if known is None or len(spec) > len(known):
                specs[asset.name] = spec
    return list(specs.values())


# Airflow 2's names for them.
Dataset = Asset
DatasetAlias = AssetAlias
DatasetAll = AssetAll
DatasetAny = AssetAny

"""Updates of assets: those a task makes, those it reads, and those that started its run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Callable, Union

from dagmesh.authoring.asset import Asset, AssetAlias, AssetRef
from dagmesh.authoring.wire import Wire, without_blanks
from dagmesh.running.json_text import to_json

Port = Union[Asset, AssetRef, AssetAlias, str]
# What the mesh gives when nothing is said.
LIMIT_DEFAULT = 100


@dataclass(frozen=True)
class AssetEvent:
    """One update of an asset. The source is empty when it came from outside."""

    asset: Asset
    extra: Mapping[str, Any]
    timestamp: datetime | None
    source_dag_id: str = ''
    source_run_id: str = ''
    source_task_id: str = ''
    source_map_index: int = -1
    partition_key: str = ''
    aliases: Sequence[str] = ()

    @staticmethod
    def of(fields: Mapping[str, Any]) -> AssetEvent:
        """The event that the mesh told in its JSON."""
        names = ('source_dag_id', 'source_run_id', 'source_task_id', 'partition_key')
        when = fields.get('timestamp')
        return AssetEvent(
            asset=Asset(fields.get('asset_name', ''), fields.get('asset_uri', '')),
            extra=json.loads(fields.get('extra_json') or '{}'),
            timestamp=datetime.fromisoformat(when.replace('Z', '+00:00')) if when else None,
            source_map_index=int(fields.get('source_map_index', 0)),
            aliases=tuple(fields.get('aliases', ())),
            **{name: fields.get(name, '') for name in names},
        )


@dataclass(frozen=True)
class Metadata:
    """Yielded by a task: more to say about an asset that it updates."""

    asset: Asset | AssetRef
    extra: Mapping[str, Any] = field(default_factory=dict)
    alias: AssetAlias | None = None


class OutletEvent:
    """What a task has to say about one of its outlets."""

    def __init__(self, port: Wire) -> None:
        self._port = port
        self._updates: list[Wire] = []
        # Goes along with the update that follows from success.
        self.extra: dict[str, Any] = {}

    def add(
        self,
        asset: Asset | AssetRef | None = None,
        *,
        extra: Mapping[str, Any] | None = None,
        partition_key: str = '',
    ) -> None:
        """Updates an asset: of an alias the given one, else the outlet itself."""
        if (asset is None) == ('alias' in self._port):
            told = (
                'an alias: say which asset' if asset is None else 'an asset: it stands for itself'
            )
            raise TypeError(f'the outlet is {told}')
        target = asset.wire() if asset is not None else self._port
        self._updates.append(_update(target['asset'], extra, self._alias, partition_key))

    def updates(self) -> Iterator[Wire]:
        """The AssetUpdates."""
        yield from self._updates
        if self.extra:
            yield _update(self._port['asset'], self.extra, '', '')

    @property
    def _alias(self) -> str:
        alias: str = self._port.get('alias', '')
        return alias


class OutletEvents:
    """`outlet_events[asset].extra = {…}`, `outlet_events[alias].add(asset)`."""

    def __init__(self, ports: Iterable[Wire]) -> None:
        self._events = [(port, OutletEvent(port)) for port in ports]

    def __getitem__(self, key: Port) -> OutletEvent:
        for port, event in self._events:
            if _is_port(port, key):
                return event
        raise KeyError(f'{key!r} is not among the outlets of the task')

    def take(self, metadata: Metadata) -> None:
        """What a task yielded."""
        if metadata.alias is not None:
            self[metadata.alias].add(metadata.asset, extra=metadata.extra)
        else:
            self[metadata.asset].extra = dict(metadata.extra)

    def updates(self) -> list[Wire]:
        """The AssetUpdates of all outlets."""
        return [update for _, event in self._events for update in event.updates()]


@dataclass(frozen=True)
class EventQuery(Sequence[AssetEvent]):
    """Updates of an asset or through an alias, read when they are looked at; oldest first."""

    call: Callable[..., dict[str, Any]]
    port: Mapping[str, str]
    filters: Mapping[str, Any] = field(default_factory=dict)

    def after(self, when: datetime) -> EventQuery:
        """Only later ones."""
        return self._with(after=when.isoformat())

    def before(self, when: datetime) -> EventQuery:
        """Only earlier ones."""
        return self._with(before=when.isoformat())

    def ascending(self, ascending: bool = True) -> EventQuery:
        """Oldest first, or latest first."""
        return self._with(is_descending=not ascending)

    def limit(self, limit: int) -> EventQuery:
        """At most so many, up to 1,000; otherwise 100."""
        return self._with(limit=limit)

    def __len__(self) -> int:
        return len(self._events())

    def __getitem__(self, index: Any) -> Any:
        return self._events()[index]

    def __iter__(self) -> Iterator[AssetEvent]:
        return iter(self._events())

    def _with(self, **filters: Any) -> EventQuery:
        return replace(self, filters={**self.filters, **filters})

    def _events(self) -> list[AssetEvent]:
        asked = {'limit': LIMIT_DEFAULT, **self.filters}
        events = self.call('list_asset_events', **self.port, **asked)['events']
        return [AssetEvent.of(fields) for fields in events]


class InletEvents:
    """`inlet_events[asset]`: the updates of what a task reads."""

    def __init__(self, call: Callable[..., dict[str, Any]]) -> None:
        self._call = call

    def __getitem__(self, key: Port) -> EventQuery:
        if isinstance(key, AssetAlias):
            return EventQuery(self._call, {'alias': key.name})
        if isinstance(key, str) or key.name:
            return EventQuery(self._call, {'asset_name': key if isinstance(key, str) else key.name})
        return EventQuery(self._call, {'asset_uri': key.uri})


def events_by_asset(events: Iterable[Mapping[str, Any]]) -> dict[Asset, list[AssetEvent]]:
    """The events that started a run, by asset."""
    found: dict[Asset, list[AssetEvent]] = {}
    for event in map(AssetEvent.of, events):
        found.setdefault(event.asset, []).append(event)
    return found


def _is_port(port: Wire, key: Port) -> bool:
    if isinstance(key, AssetAlias):
        return bool(port.get('alias') == key.name)
    asset = port.get('asset', {})
    if isinstance(key, str):
        return key in (asset.get('name'), port.get('alias'))
    field = 'name' if key.name else 'uri'
    return bool(asset.get(field) == getattr(key, field))


def _update(asset: Wire, extra: Mapping[str, Any] | None, alias: str, partition_key: str) -> Wire:
    text = to_json(dict(extra), 'the extra of an asset') if extra else ''
    fields = {'extra_json': text, 'alias': alias, 'partition_key': partition_key}
    return {'asset': asset, **without_blanks(fields)}

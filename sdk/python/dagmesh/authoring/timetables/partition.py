"""Partitions: schedules that make a run for each key, and how keys become other keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagmesh.authoring.asset import Asset, AssetRef, asset_expression_of
from dagmesh.authoring.checks import require, require_text, require_whole, texts_of
from dagmesh.authoring.timetables.cron import require_cron
from dagmesh.authoring.timetables.timetable import Timetable, Zone, zone_name
from dagmesh.authoring.wire import Wire, without_blanks


@dataclass(frozen=True)
class CronPartitionTimetable(Timetable):
    """Cron ticks that stand for partitions: a run has a partition key and no logical date.

    The partition is that of the tick `run_offset` ticks later, written by `key_format` (strftime).
    """

    cron: str
    timezone: Zone = ''
    run_offset: int = 0
    key_format: str = ''

    def __post_init__(self) -> None:
        require_cron(self.cron)
        require_whole('run_offset', self.run_offset, -10_000, 10_000)
        require_text('key_format', self.key_format, 250)

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        fields = {
            'expression': self.cron,
            'timezone': zone_name(self.timezone) or zone,
            'run_offset': self.run_offset,
            'key_format': self.key_format,
        }
        return {'cron_partition': without_blanks(fields)}


class PartitionMapper:
    """How the partition key of an update becomes the key of a run."""

    kind = 'IDENTITY'

    def wire(self) -> Wire:
        """The PartitionMapper."""
        return {'kind': f'PARTITION_MAPPER_KIND_{self.kind}'}


class IdentityMapper(PartitionMapper):
    """The same key."""


@dataclass(frozen=True)
class _RollUp(PartitionMapper):
    """Reads a key by `input_format` (strptime), and writes its period by `output_format`.

    Keys are read as `%Y-%m-%dT%H:%M:%S` when no format is given; others make no run.
    """

    timezone: Zone = ''
    input_format: str = ''
    output_format: str = ''

    def wire(self) -> Wire:
        """The PartitionMapper."""
        fields = {
            'timezone': zone_name(self.timezone),
            'input_format': self.input_format,
            'output_format': self.output_format,
        }
        return {**super().wire(), **without_blanks(fields)}


class HourlyMapper(_RollUp):
    """The hour: `2026-02-10T14`."""

    kind = 'HOURLY'


class DailyMapper(_RollUp):
    """The day: `2026-02-10`."""

    kind = 'DAILY'


class WeeklyMapper(_RollUp):
    """The week: `2026-02-09 (W07)`."""

    kind = 'WEEKLY'


class MonthlyMapper(_RollUp):
    """The month: `2026-02`."""

    kind = 'MONTHLY'


class QuarterlyMapper(_RollUp):
    """The quarter: `2026-Q1`."""

    kind = 'QUARTERLY'


class YearlyMapper(_RollUp):
    """The year: `2026`."""

    kind = 'YEARLY'


@dataclass(frozen=True)
class ConstantMapper(PartitionMapper):
    """Always the same key."""

    key: str
    kind = 'CONSTANT'

    def __post_init__(self) -> None:
        require_text('key', self.key, 250, least=1)

    def wire(self) -> Wire:
        """The PartitionMapper."""
        return {**super().wire(), 'constant_key': self.key}


@dataclass(frozen=True)
class AllowedKeyMapper(PartitionMapper):
    """Lets named keys pass; updates with others are ignored."""

    allowed_keys: Sequence[str]
    kind = 'ALLOWED'

    def wire(self) -> Wire:
        """The PartitionMapper."""
        keys = texts_of('allowed_keys', self.allowed_keys, 10_000)
        return {**super().wire(), 'allowed_keys': keys}


class ChainMapper(PartitionMapper):
    """Several mappers, one after the other."""

    kind = 'CHAIN'

    def __init__(self, *mappers: PartitionMapper) -> None:
        require(1 <= len(mappers) <= 20, 'mappers', mappers, '1–20 mappers')
        self.mappers = mappers

    def wire(self) -> Wire:
        """The PartitionMapper."""
        return {**super().wire(), 'chain': [mapper.wire() for mapper in self.mappers]}


class PartitionedAssetTimetable(Timetable):
    """Runs when the assets were updated, once for each partition key.

    `partition_mapper_config` has mappers by asset; others use `default_partition_mapper`.
    """

    def __init__(
        self,
        *,
        assets: Any,
        partition_mapper_config: Mapping[Asset | AssetRef, PartitionMapper] | None = None,
        default_partition_mapper: PartitionMapper | None = None,
    ) -> None:
        self.condition = asset_expression_of(assets)
        self.mappers = dict(partition_mapper_config or {})
        self.default_mapper = default_partition_mapper
        for mapper in (*self.mappers.values(), self.default_mapper or IdentityMapper()):
            require(isinstance(mapper, PartitionMapper), 'mapper', mapper, 'e.g. DailyMapper()')

    def wire(self, zone: str) -> Wire:
        """The Timetable."""
        fields: Wire = {'condition': self.condition.wire()}
        if self.mappers:
            fields['mappers'] = {
                asset.name or asset.uri: mapper.wire() for asset, mapper in self.mappers.items()
            }
        if self.default_mapper is not None:
            fields['default_mapper'] = self.default_mapper.wire()
        return {'partitioned_asset': fields}

    def assets(self) -> Iterator[Asset]:
        """The assets that it names."""
        return self.condition.assets()

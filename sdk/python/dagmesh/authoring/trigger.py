"""What a task can wait for while no worker runs it: the triggers, by Airflow's names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dagmesh.authoring.asset import Asset
from dagmesh.authoring.checks import (
    Span,
    require,
    require_text,
    require_whole,
    seconds_of,
    texts_of,
)
from dagmesh.authoring.wire import Wire, duration_text, instant_of, instant_text, without_blanks


class Trigger:
    """Something that happens in the world, waited for by the triggerer.

    Given to `defer(trigger=...)` in a task, to an AssetWatcher, or to a task without code. Spans
    are timedeltas or seconds; a `poke_interval` of None leaves the time between two looks to the
    triggerer.
    """

    def wire(self) -> Wire:
        """The TriggerSpec."""
        raise NotImplementedError


@dataclass(frozen=True)
class TimeDeltaTrigger(Trigger):
    """Fires so long after the wait began."""

    delta: Span

    def __post_init__(self) -> None:
        seconds_of(self.delta, 'delta')

    def wire(self) -> Wire:
        """The TriggerSpec."""
        return {'timer': {'after': duration_text(self.delta)}}


@dataclass(frozen=True)
class DateTimeTrigger(Trigger):
    """Fires at an instant."""

    moment: str | datetime

    def __post_init__(self) -> None:
        require(self.moment is not None, 'moment', self.moment, 'a date')
        object.__setattr__(self, 'moment', instant_of(self.moment, 'moment'))

    def wire(self) -> Wire:
        """The TriggerSpec."""
        assert isinstance(self.moment, datetime)
        return {'timer': {'at': instant_text(self.moment)}}


@dataclass(frozen=True)
class HttpTrigger(Trigger):
    """Asks a URL until it answers as wished: with `status` (0 means any 2xx), and a body that
    contains the text.
    """

    url: str
    method: str = 'GET'
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ''
    status: int = 0
    contains: str = ''
    poke_interval: Span | None = None

    def __post_init__(self) -> None:
        is_url = isinstance(self.url, str) and re.match('https?://', self.url)
        require(is_url, 'url', self.url, 'an address that begins with http:// or https://')
        require(self.method in ('GET', 'POST', 'HEAD', 'PUT'), 'method', self.method, 'GET, …')
        require_whole('status', self.status, 0, 599)
        require_text('contains', self.contains, 2000)

    def wire(self) -> Wire:
        """The TriggerSpec."""
        fields = {
            'url': self.url,
            'method': self.method,
            'headers': dict(self.headers),
            'body': self.body,
            'status': self.status,
            'contains': self.contains,
        }
        return {'http': _polling(fields, self.poke_interval)}


@dataclass(frozen=True)
class FileTrigger(Trigger):
    """Fires when a file is there; with `is_gone`, when none is any more.

    The path is absolute and that of the triggerer's machine; `*`, `?` and `**` stand for any names.
    """

    filepath: str
    is_gone: bool = False
    poke_interval: Span | None = None

    def __post_init__(self) -> None:
        is_absolute = isinstance(self.filepath, str) and self.filepath.startswith('/')
        require(is_absolute, 'filepath', self.filepath, 'an absolute path')

    def wire(self) -> Wire:
        """The TriggerSpec."""
        fields = {'path': self.filepath, 'is_gone': self.is_gone}
        return {'file': _polling(fields, self.poke_interval)}


@dataclass(frozen=True)
class ExternalTaskTrigger(Trigger):
    """Waits until tasks, a group, or (without either) a whole run of another DAG have finished.

    The run is named by `run_id` or by `logical_dates`. States are in lower case, e.g. `success`.
    """

    external_dag_id: str
    run_id: str = ''
    logical_dates: Sequence[datetime] = ()
    external_task_ids: Sequence[str] = ()
    external_task_group_id: str = ''
    allowed_states: Sequence[str] = ()
    failed_states: Sequence[str] = ()
    skipped_states: Sequence[str] = ()
    poke_interval: Span | None = None

    def __post_init__(self) -> None:
        require_text('external_dag_id', self.external_dag_id, 250, least=1)
        has_run = bool(self.run_id) != bool(self.logical_dates)
        require(has_run, 'run_id', self.run_id, 'given, or else logical_dates')

    def wire(self) -> Wire:
        """The TriggerSpec."""
        fields = {
            'dag_id': self.external_dag_id,
            'run_id': self.run_id,
            'logical_dates': [instant_text(each) for each in self.logical_dates],
            'task_ids': texts_of('external_task_ids', self.external_task_ids, 1000),
            'task_group_id': self.external_task_group_id,
            'allowed_states': texts_of('allowed_states', self.allowed_states, 20),
            'failed_states': texts_of('failed_states', self.failed_states, 20),
            'skipped_states': texts_of('skipped_states', self.skipped_states, 20),
        }
        return {'external_task': _polling(fields, self.poke_interval)}


@dataclass(frozen=True)
class AssetTrigger(Trigger):
    """Fires when an asset is updated after the wait began."""

    asset: Asset | str
    poke_interval: Span | None = None

    def wire(self) -> Wire:
        """The TriggerSpec."""
        name = self.asset.name if isinstance(self.asset, Asset) else self.asset
        return {'asset': _polling({'asset_name': name}, self.poke_interval)}


def trigger_of(value: Any, name: str = 'trigger') -> Trigger:
    """A trigger an author gave; refused when it is none."""
    expected = 'a trigger, e.g. TimeDeltaTrigger(timedelta(hours=1))'
    require(isinstance(value, Trigger), name, value, expected)
    trigger: Trigger = value
    return trigger


def _polling(fields: Wire, poke_interval: Span | None) -> Wire:
    if poke_interval is not None:
        seconds_of(poke_interval, 'poke_interval', least=0.001)
        fields['poll_interval'] = duration_text(poke_interval)
    return without_blanks(fields)

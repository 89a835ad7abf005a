"""Who is told what: callbacks, notifiers, and deadlines of runs."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Callable, NamedTuple, Union

from dagmesh.authoring.checks import (
    Span,
    require,
    require_text,
    require_whole,
    seconds_of,
    texts_of,
)
from dagmesh.authoring.source import refuse
from dagmesh.authoring.wire import Wire, duration_text, instant_of, instant_text, without_blanks

# An average counts this many runs when nothing is said.
RUNS_MAX_DEFAULT = 10


class Notifier:
    """Something a worker does by itself when a task or run comes to a state."""

    def wire(self) -> Wire:
        """The action of a CallbackSpec."""
        raise NotImplementedError


@dataclass(frozen=True)
class Webhook(Notifier):
    """POSTs to a URL: the context as JSON, or `body` with `{{ name }}` replaced by its values."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ''

    def __post_init__(self) -> None:
        is_url = isinstance(self.url, str) and re.match('https?://', self.url)
        require(is_url, 'url', self.url, 'an address that begins with http:// or https://')

    def wire(self) -> Wire:
        """The action of a CallbackSpec."""
        fields = {'url': self.url, 'headers': dict(self.headers), 'body': self.body}
        return {'webhook': without_blanks(fields)}


@dataclass(frozen=True)
class Email(Notifier):
    """Sends a mail by a connection of type `smtp`; `{{ name }}` is replaced in subject and body."""

    to: str | Sequence[str]
    subject: str = ''
    body: str = ''
    conn_id: str = ''

    def __post_init__(self) -> None:
        require(texts_of('to', self.to, 100), 'to', self.to, 'at least one address')
        require_text('subject', self.subject, 1000)

    def wire(self) -> Wire:
        """The action of a CallbackSpec."""
        fields = {'to': texts_of('to', self.to, 100), 'subject': self.subject, 'body': self.body}
        return {'email': without_blanks({**fields, 'conn_id': self.conn_id})}


Action = Union[Callable[..., Any], Notifier]


class Callback(NamedTuple):
    """An action, the event it follows, and how it is named among its owner's: `<role>.<n>`."""

    event: str
    action: Action
    role: str


def callbacks_of(given: Mapping[str, Any]) -> list[Callback]:
    """The callbacks among what an author gave as `on_…_callback` and `sla_miss_callback`."""
    callbacks: list[Callback] = []
    for name, value in given.items():
        event = name[: -len('_callback')].replace('on_', '').upper()
        actions = value if isinstance(value, (list, tuple)) else [value]
        for number, action in enumerate(actions if value is not None else []):
            _require_action(name, action)
            callbacks.append(Callback(event, action, f'{name}.{number}'))
    return callbacks


def AsyncCallback(action: Action, kwargs: Mapping[str, Any] | None = None) -> Action:
    """A function for a deadline, with arguments of its own beside the context."""
    _require_action('callback', action)
    if isinstance(action, Notifier):
        return action
    return functools.partial(action, **kwargs) if kwargs else action


# Airflow runs the one in the triggerer and the other on a worker; here, all callbacks are for
# workers.
SyncCallback = AsyncCallback


@dataclass(frozen=True)
class Reference:
    """From when the time of a deadline counts."""

    fields: Wire

    def wire(self) -> Wire:
        """The reference of a DeadlineSpec."""
        return self.fields


class DeadlineReference:
    """From when the time of a deadline counts, by Airflow's names."""

    DAGRUN_LOGICAL_DATE = Reference({'logical_date': {}})
    DAGRUN_QUEUED_AT = Reference({'queued_at': {}})

    @staticmethod
    def FIXED_DATETIME(when: str | datetime) -> Reference:
        """An instant."""
        instant = instant_of(when, 'FIXED_DATETIME')
        require(instant, 'FIXED_DATETIME', when, 'a date')
        assert instant is not None
        return Reference({'fixed': instant_text(instant)})

    @staticmethod
    def AVERAGE_RUNTIME(max_runs: int = 0, min_runs: int = 0) -> Reference:
        """The average duration of the latest successful runs, after the run was queued.

        0 means 10 runs at most, and a deadline only when there are as many as that.
        """
        require_whole('max_runs', max_runs, 0, 1000)
        require_whole('min_runs', min_runs, 0, max_runs or RUNS_MAX_DEFAULT)
        fields = without_blanks({'runs_max': max_runs, 'runs_min': min_runs})
        return Reference({'average_runtime': fields})


@dataclass(frozen=True)
class DeadlineAlert:
    """A promise that a run succeeds by `reference` + `interval`; the callback tells of a breach."""

    reference: Reference
    interval: Span
    callback: Any
    name: str = ''

    def __post_init__(self) -> None:
        expected = 'DeadlineReference.DAGRUN_QUEUED_AT, or another of its kinds'
        require(isinstance(self.reference, Reference), 'reference', self.reference, expected)
        seconds_of(self.interval, 'interval', least=-1e10)
        require_text('name', self.name, 250)
        _require_action('callback', self.callback)

    def wire(self, callback: Wire) -> Wire:
        """The DeadlineSpec with its callback written down."""
        span = self.interval
        fields = {'name': self.name, 'callback': callback}
        interval = duration_text(span if isinstance(span, timedelta) else float(span))
        return {**self.reference.wire(), **without_blanks(fields), 'interval': interval}


def deadlines_of(given: Any) -> list[DeadlineAlert]:
    """What an author gave as `deadline=`: one, a list, or None."""
    alerts = given if isinstance(given, (list, tuple)) else [given]
    found = [alert for alert in alerts if alert is not None]
    for alert in found:
        require(isinstance(alert, DeadlineAlert), 'deadline', alert, 'a DeadlineAlert')
    require(len(found) <= 20, 'deadline', found, 'at most 20 of them')
    return found


def _require_action(name: str, action: Any) -> None:
    if not isinstance(action, Notifier) and not callable(action):
        expected = 'a function, Webhook(...), Email(...), or a list of them'
        raise refuse(f'{name}={action!r} is not allowed: it must be {expected}')


def functions_among(callbacks: Sequence[Callback]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The callbacks that are functions, by their names among their owner's."""
    for callback in callbacks:
        if not isinstance(callback.action, Notifier):
            yield callback.role, callback.action

"""What an author may say about a task besides its code, with Airflow's names and defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import Enum
from typing import Any, Union

from dagmesh.authoring.source import refuse

ID_PATTERN = re.compile(r'[A-Za-z0-9_.~:+@-]{1,250}')
QUEUE_PATTERN = re.compile(r'[A-Za-z0-9_-]{1,100}')

Span = Union[timedelta, int, float]


class TriggerRule(str, Enum):
    """How the states of the upstream tasks decide about a task."""

    ALL_SUCCESS = 'all_success'
    ALL_FAILED = 'all_failed'
    ALL_DONE = 'all_done'
    ALL_DONE_MIN_ONE_SUCCESS = 'all_done_min_one_success'
    ALL_DONE_SETUP_SUCCESS = 'all_done_setup_success'
    ONE_SUCCESS = 'one_success'
    ONE_FAILED = 'one_failed'
    ONE_DONE = 'one_done'
    NONE_FAILED = 'none_failed'
    NONE_FAILED_MIN_ONE_SUCCESS = 'none_failed_min_one_success'
    NONE_SKIPPED = 'none_skipped'
    ALL_SKIPPED = 'all_skipped'
    ALWAYS = 'always'


class WeightRule(str, Enum):
    """How priority weights add up along the graph."""

    DOWNSTREAM = 'downstream'
    UPSTREAM = 'upstream'
    ABSOLUTE = 'absolute'


@dataclass(frozen=True)
class TaskOptions:
    """Spans are timedeltas or seconds."""

    queue: str = 'python'
    retries: int = 0
    retry_delay: Span = 300
    # Multiplier per try; 0 or False means a constant delay, True means 2.
    retry_exponential_backoff: bool | float = 0.0
    max_retry_delay: Span | None = None
    execution_timeout: Span | None = None
    trigger_rule: str | TriggerRule = TriggerRule.ALL_SUCCESS
    pool: str = 'default_pool'
    pool_slots: int = 1
    priority_weight: int = 1
    weight_rule: str | WeightRule = WeightRule.DOWNSTREAM
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None
    # Connections the task may use; their secrets travel to no other task.
    connections: Sequence[str] = ()
    doc_md: str = ''


OPTION_NAMES = frozenset(field.name for field in fields(TaskOptions))


def options_of(given: Mapping[str, Any], default_args: Mapping[str, Any]) -> TaskOptions:
    """The options of a task: what was given, then the DAG's default_args, then the defaults above."""
    unknown = sorted(set(given) - OPTION_NAMES)
    if unknown:
        raise refuse(
            f'a task has no option {unknown[0]!r}; it has {", ".join(sorted(OPTION_NAMES))}'
        )
    defaults = {name: value for name, value in default_args.items() if name in OPTION_NAMES}
    options = TaskOptions(**{**defaults, **given})
    _check(options)
    return options


def _check(options: TaskOptions) -> None:
    _require(
        QUEUE_PATTERN.fullmatch(options.queue),
        'queue',
        options.queue,
        '1–100 characters of A-Za-z0-9_-',
    )
    _require(
        ID_PATTERN.fullmatch(options.pool),
        'pool',
        options.pool,
        '1–250 characters of A-Za-z0-9_.~:+@-',
    )
    _require_member(TriggerRule, 'trigger_rule', options.trigger_rule)
    _require_member(WeightRule, 'weight_rule', options.weight_rule)
    _require_whole('retries', options.retries, 0, 10_000)
    _require_whole('pool_slots', options.pool_slots, 1, 2**31 - 1)
    _require_whole('priority_weight', options.priority_weight, -(2**31), 2**31 - 1)
    for name in ('max_active_tis_per_dag', 'max_active_tis_per_dagrun'):
        if getattr(options, name) is not None:
            _require_whole(name, getattr(options, name), 1, 2**31 - 1)
    backoff = options.retry_exponential_backoff
    _require(
        isinstance(backoff, (bool, int, float)) and 0 <= backoff <= 1000,
        'retry_exponential_backoff',
        backoff,
        '0–1000',
    )
    for name in ('retry_delay', 'max_retry_delay', 'execution_timeout'):
        if getattr(options, name) is not None:
            seconds_of(getattr(options, name), name)
    _require(
        not isinstance(options.connections, str),
        'connections',
        options.connections,
        'a list of connection ids',
    )


def seconds_of(span: Span, name: str) -> float:
    """A span in seconds; refused when it is no span or negative."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    _require(is_number and 0 <= seconds < 1e10, name, span, 'a timedelta, or seconds as a number')
    return float(seconds)


def _require(condition: Any, name: str, value: Any, expected: str) -> None:
    if not condition:
        raise refuse(f'{name}={value!r} is not allowed: it must be {expected}')


def _require_whole(name: str, value: Any, least: int, most: int) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    _require(
        is_whole and least <= value <= most, name, value, f'a whole number from {least} to {most}'
    )


def _require_member(members: Any, name: str, value: Any) -> None:
    allowed = [member.value for member in members]
    _require(value in allowed, name, value, f'one of {", ".join(allowed)}')

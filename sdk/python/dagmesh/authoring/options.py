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
ID_WORDS = '1–250 characters of A-Za-z0-9_.~:+@-'
QUEUE_PATTERN = re.compile(r'[A-Za-z0-9_-]{1,100}')

INT32_MAX = 2**31 - 1
DOC_LENGTH_MAX = 100_000

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
    """What was given, then the DAG's default_args, then the defaults above."""
    unknown = sorted(set(given) - OPTION_NAMES)
    if unknown:
        known = ', '.join(sorted(OPTION_NAMES))
        raise refuse(f'a task has no option {unknown[0]!r}; it has {known}')
    defaults = {name: value for name, value in default_args.items() if name in OPTION_NAMES}
    options = TaskOptions(**{**defaults, **given})
    _check(options)
    return options


def seconds_of(span: Span, name: str) -> float:
    """A span in seconds; refused when it is no span or negative."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    require(is_number and 0 <= seconds < 1e10, name, span, 'a timedelta, or seconds as a number')
    return float(seconds)


def require(condition: Any, name: str, value: Any, expected: str) -> None:
    """Refuses what an author gave as `name` when the condition does not hold."""
    if not condition:
        raise refuse(f'{name}={value!r} is not allowed: it must be {expected}')


def require_whole(name: str, value: Any, least: int, most: int = INT32_MAX) -> None:
    """Refuses what is no whole number of that range."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    require(is_whole and least <= value <= most, name, value, f'a whole number {least}–{most}')


def require_text(name: str, value: Any, length_max: int) -> None:
    """Refuses what is no text of that length."""
    is_text = isinstance(value, str) and len(value) <= length_max
    shown = value[:50] if isinstance(value, str) else value
    require(is_text, name, shown, f'a text of at most {length_max} characters')


def _check(options: TaskOptions) -> None:
    queue_like = QUEUE_PATTERN.fullmatch(options.queue)
    require(queue_like, 'queue', options.queue, '1–100 characters of A-Za-z0-9_-')
    require(ID_PATTERN.fullmatch(options.pool), 'pool', options.pool, ID_WORDS)
    _require_member(TriggerRule, 'trigger_rule', options.trigger_rule)
    _require_member(WeightRule, 'weight_rule', options.weight_rule)
    require_whole('retries', options.retries, 0, 10_000)
    require_whole('pool_slots', options.pool_slots, 1)
    require_whole('priority_weight', options.priority_weight, -INT32_MAX)
    for name in ('max_active_tis_per_dag', 'max_active_tis_per_dagrun'):
        if getattr(options, name) is not None:
            require_whole(name, getattr(options, name), 1)
    backoff = options.retry_exponential_backoff
    is_factor = isinstance(backoff, (bool, int, float)) and 0 <= backoff <= 1000
    require(is_factor, 'retry_exponential_backoff', backoff, 'True, False or a number 0–1000')
    for name in ('retry_delay', 'max_retry_delay', 'execution_timeout'):
        if getattr(options, name) is not None:
            seconds_of(getattr(options, name), name)
    are_ids = not isinstance(options.connections, str) and len(options.connections) <= 100
    require(are_ids, 'connections', options.connections, 'a list of at most 100 ids')
    require_text('doc_md', options.doc_md, DOC_LENGTH_MAX)


def _require_member(members: type[Enum], name: str, value: Any) -> None:
    allowed = [member.value for member in members]
    require(value in allowed, name, value, f'one of {", ".join(allowed)}')

"""What an author may say about a task besides its code, with Airflow's names and defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any

from dagmesh.authoring.alert import callbacks_of
from dagmesh.authoring.asset import ports_of
from dagmesh.authoring.checks import (
    DOC_LENGTH_MAX,
    ID_PATTERN,
    ID_WORDS,
    INT32_MAX,
    Span,
    require,
    require_flags,
    require_known,
    require_member,
    require_text,
    require_whole,
    seconds_of,
    texts_of,
)
from dagmesh.authoring.retry import retry_rules_of
from dagmesh.authoring.wire import instant_of

QUEUE_PATTERN = re.compile(r'[A-Za-z0-9_-]{1,100}')
PRIORITY_MAX = INT32_MAX


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
    """Spans are timedeltas or seconds; dates without a time zone are in UTC."""

    queue: str = 'python'
    retries: int = 0
    retry_delay: Span = 300
    # Multiplier per try; 0 or False means a constant delay, True means 2.
    retry_exponential_backoff: bool | float = 0.0
    max_retry_delay: Span | None = None
    # Rules for failures of certain kinds: a list of RetryRule, or an ExceptionRetryPolicy.
    retry_policy: Any = None
    execution_timeout: Span | None = None
    trigger_rule: str | TriggerRule = TriggerRule.ALL_SUCCESS
    depends_on_past: bool = False
    ignore_first_depends_on_past: bool = True
    wait_for_downstream: bool = False
    wait_for_past_depends_before_skipping: bool = False
    # Runs of other logical dates do not run the task.
    start_date: str | datetime | None = None
    end_date: str | datetime | None = None
    pool: str = 'default_pool'
    pool_slots: int = 1
    priority_weight: int = 1
    weight_rule: str | WeightRule = WeightRule.DOWNSTREAM
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None
    # Keys of the DAG's key_limits that the task counts towards.
    limit_keys: Sequence[str] = ()
    # Connections the task may use; their secrets travel to no other task.
    connections: Sequence[str] = ()
    inlets: Any = ()
    outlets: Any = ()
    # Each a function, Webhook(...), Email(...), or a list of them.
    on_execute_callback: Any = None
    on_success_callback: Any = None
    on_failure_callback: Any = None
    on_retry_callback: Any = None
    on_skipped_callback: Any = None
    # By when a task should have succeeded, counted from the end of the run's data interval.
    sla: Span | None = None
    sla_miss_callback: Any = None
    # Names an instance of a mapped task; `{{ name }}` is replaced by its arguments.
    map_index_template: str = ''
    task_display_name: str = ''
    doc_md: str = ''


OPTION_NAMES = frozenset(field.name for field in fields(TaskOptions))
CALLBACK_NAMES = tuple(name for name in TaskOptions.__annotations__ if name.endswith('_callback'))
# What the DAG takes from default_args for itself, as it does the owner.
DAG_DATES = ('start_date', 'end_date')


def options_of(given: Mapping[str, Any], default_args: Mapping[str, Any]) -> TaskOptions:
    """What was given, then the DAG's default_args, then the defaults above."""
    require_known('a task', given, OPTION_NAMES)
    defaults = {name: value for name, value in default_args.items() if name in OPTION_NAMES}
    options = TaskOptions(**{**defaults, **given})
    _check(options)
    _check_spans(options)
    _check_parts(options)
    return options


def _check(options: TaskOptions) -> None:
    queue_like = isinstance(options.queue, str) and QUEUE_PATTERN.fullmatch(options.queue)
    require(queue_like, 'queue', options.queue, '1–100 characters of A-Za-z0-9_-')
    pool_like = isinstance(options.pool, str) and ID_PATTERN.fullmatch(options.pool)
    require(pool_like, 'pool', options.pool, ID_WORDS)
    require_member(TriggerRule, 'trigger_rule', options.trigger_rule)
    require_member(WeightRule, 'weight_rule', options.weight_rule)
    require_whole('retries', options.retries, 0, 10_000)
    require_whole('pool_slots', options.pool_slots, 1)
    require_whole('priority_weight', options.priority_weight, -PRIORITY_MAX)
    for name in ('max_active_tis_per_dag', 'max_active_tis_per_dagrun'):
        if getattr(options, name) is not None:
            require_whole(name, getattr(options, name), 1)
    backoff = options.retry_exponential_backoff
    is_factor = isinstance(backoff, (bool, int, float)) and 0 <= backoff <= 1000
    require(is_factor, 'retry_exponential_backoff', backoff, 'True, False or a number 0–1000')
    past = ('depends_on_past', 'ignore_first_depends_on_past', 'wait_for_downstream')
    require_flags(options, (*past, 'wait_for_past_depends_before_skipping'))
    require_text('map_index_template', options.map_index_template, 1000)
    require_text('task_display_name', options.task_display_name, 250)
    require_text('doc_md', options.doc_md, DOC_LENGTH_MAX)


def _check_spans(options: TaskOptions) -> None:
    for name in ('retry_delay', 'max_retry_delay', 'execution_timeout', 'sla'):
        if getattr(options, name) is not None:
            seconds_of(getattr(options, name), name)
    for name in DAG_DATES:
        instant_of(getattr(options, name), name)


def _check_parts(options: TaskOptions) -> None:
    texts_of('connections', options.connections, 100)
    texts_of('limit_keys', options.limit_keys, 10)
    for name in ('inlets', 'outlets'):
        ports_of(name, getattr(options, name))
    retry_rules_of(options.retry_policy)
    callbacks_of({name: getattr(options, name) for name in CALLBACK_NAMES})

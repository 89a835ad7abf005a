"""What a worker makes of a task's function beside calling it: branches, sensors, outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from dagmesh.authoring.checks import Span, require, require_flags, seconds_of

MODES = ('poke', 'reschedule')


@dataclass(frozen=True)
class SensorOptions:
    """How a sensor waits, with Airflow's names and defaults. Spans are timedeltas or seconds."""

    poke_interval: Span = 60
    timeout: Span = 604_800
    # `poke` holds the slot between two pokes, `reschedule` gives it back.
    mode: str = 'poke'
    exponential_backoff: bool = False
    max_wait: Span | None = None
    # A timeout or a failure for good skips.
    soft_fail: bool = False
    # Any failure of a poke skips; the sensor's own timeout does not.
    never_fail: bool = False
    # Any failure of a poke counts as "not yet".
    silent_fail: bool = False

    def __post_init__(self) -> None:
        seconds_of(self.poke_interval, 'poke_interval')
        seconds_of(self.timeout, 'timeout')
        if self.max_wait is not None:
            seconds_of(self.max_wait, 'max_wait')
        require(self.mode in MODES, 'mode', self.mode, 'poke or reschedule')
        require_flags(self, ('exponential_backoff', 'soft_fail', 'never_fail', 'silent_fail'))
        is_either = not (self.soft_fail and self.never_fail)
        require(is_either, 'never_fail', True, 'left out when soft_fail is True')


@dataclass(frozen=True)
class Behaviour:
    """What the return value of a function means.

    `kind` is `plain`, `branch`, `short_circuit` or `sensor`.
    """

    kind: str = 'plain'
    # Each key of the returned dict is pushed as an XCom of its own.
    multiple_outputs: bool = False
    # What is returned is kept.
    do_xcom_push: bool = True
    # For a short circuit: all that is downstream is skipped, not only what is directly.
    ignore_downstream_trigger_rules: bool = True
    sensor: SensorOptions = SensorOptions()

    def __post_init__(self) -> None:
        names = ('multiple_outputs', 'do_xcom_push', 'ignore_downstream_trigger_rules')
        require_flags(self, names)


PLAIN = Behaviour()

_COMMON_NAMES = frozenset(['multiple_outputs', 'do_xcom_push'])
_NAMES = {
    'plain': _COMMON_NAMES,
    'branch': _COMMON_NAMES,
    'short_circuit': _COMMON_NAMES | {'ignore_downstream_trigger_rules'},
    'sensor': _COMMON_NAMES | {field.name for field in fields(SensorOptions)},
}


def behaviour_names(kind: str) -> frozenset[str]:
    """The options that say how a function of that kind behaves."""
    return _NAMES[kind]


def behaviour_of(kind: str, given: Mapping[str, Any], default_args: Mapping[str, Any]) -> Behaviour:
    """The behaviour by what was given, then by default_args, then by the defaults above."""
    said = {**default_args, **given}
    chosen = {name: said[name] for name in _NAMES[kind] if name in said}
    if kind != 'sensor':
        return Behaviour(kind, **chosen)
    common = {name: chosen.pop(name) for name in _COMMON_NAMES if name in chosen}
    return Behaviour(kind, sensor=SensorOptions(**chosen), **common)

"""Limits that tasks of a DAG share by a key, and what may create its runs."""

from __future__ import annotations

from dataclasses import dataclass

from dagmesh.authoring.checks import Span, require, require_whole, seconds_of
from dagmesh.authoring.wire import Wire, duration_text, without_blanks

RUN_TYPES = ('scheduled', 'manual', 'backfill', 'asset_triggered', 'asset_materialization')


@dataclass(frozen=True)
class KeyLimit:
    """A limit on all tasks of the DAG that name its key in `limit_keys`, over all runs.

    At most `max_active` are queued or running at once, and at most `rate` begin in each `per`.
    0 means no limit.
    """

    max_active: int = 0
    rate: int = 0
    per: Span = 60

    def __post_init__(self) -> None:
        require_whole('max_active', self.max_active, 0)
        require_whole('rate', self.rate, 0)
        require(self.max_active or self.rate, 'max_active', 0, 'above 0, or else rate')
        seconds_of(self.per, 'per', least=0.001)

    def wire(self, key: str) -> Wire:
        """The KeyLimit."""
        fields: Wire = {'key': key, 'active_max': self.max_active, 'rate_count': self.rate}
        if self.rate:
            fields['rate_period'] = duration_text(self.per)
        return without_blanks(fields)

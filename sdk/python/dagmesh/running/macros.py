"""`macros` of Airflow's context: functions over dates as texts, and modules that go with them."""

from __future__ import annotations

import json
import random
import time
import uuid
from datetime import datetime, timedelta

__all__ = ['datetime', 'ds_add', 'ds_format', 'json', 'random', 'time', 'timedelta', 'uuid']

_DAY = '%Y-%m-%d'


def ds_add(ds: str, days: int) -> str:
    """A date `YYYY-MM-DD` so many days later, or earlier: `ds_add('2026-01-01', -1)`."""
    return (datetime.strptime(ds, _DAY) + timedelta(days=days)).strftime(_DAY)


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """A date in another format, both as of strftime."""
    return datetime.strptime(ds, input_format).strftime(output_format)

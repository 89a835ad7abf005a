"""Values that leave a task, as JSON."""

from __future__ import annotations

import json
from typing import Any

XCOM_KEY_LENGTH_MAX = 512


def to_json(value: Any, what: str) -> str:
    """The value as JSON; TypeError that names `what` when it has no JSON form."""
    try:
        text = json.dumps(value, allow_nan=False, separators=(',', ':'), ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f'{what} has no JSON form: {error}') from None
    return text


def require_xcom_key(key: Any) -> None:
    """TypeError or ValueError when it is no XCom key: a text of 1–512 characters."""
    if not isinstance(key, str):
        raise TypeError(f'{key!r} is no XCom key: it must be a string')
    if not 1 <= len(key.encode('utf-8')) <= XCOM_KEY_LENGTH_MAX:
        raise ValueError(f'an XCom key has 1–{XCOM_KEY_LENGTH_MAX} characters, not {len(key)}')

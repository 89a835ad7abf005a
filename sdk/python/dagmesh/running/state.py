"""What a task keeps from one try to the next, and what tasks keep with an asset."""

from __future__ import annotations

import json
from typing import Any, Callable

from dagmesh.errors import NotFoundError
from dagmesh.running.json_text import to_json


class StateStore:
    """JSON values by key, at most 256 KiB each. They are kept at once, whatever becomes of the
    task.
    """

    def __init__(self, call: Callable[..., dict[str, Any]], scope: str, asset_name: str = ''):
        self._call = call
        self._place = {'scope': scope, 'asset_name': asset_name}

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or the default when there is none."""
        try:
            return json.loads(self._call('get_state', key=key, **self._place)['value_json'])
        except NotFoundError:
            return default

    def set(self, key: str, value: Any) -> None:
        """Keeps a value."""
        text = to_json(value, f'the state {key!r}')
        self._call('set_state', key=key, value_json=text, **self._place)

    def delete(self, key: str) -> None:
        """Forgets a value; one that does not exist is no error."""
        self._call('delete_state', key=key, **self._place)

"""What a handler returned, as XComs and as a decision about what is downstream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmesh.authoring.tasks.behaviour import Behaviour
from dagmesh.context import RETURN_VALUE
from dagmesh.running.json_text import require_xcom_key, to_json
from dagmesh.worker.child.failure import XComLimit
from dagmesh.worker.frames import Frame

# What one report may carry; the mesh takes a little more.
XCOMS_MAX = 1000
XCOMS_SIZE_MAX = 2 * 1024 * 1024


def xcoms_of(
    behaviour: Behaviour, result: Any, pushed: Mapping[str, str], size_max: int
) -> list[list[str]]:
    """Keys and JSON of what was pushed and returned; XComLimit when it is too much."""
    texts = dict(pushed)
    for key, value in _values_of(behaviour, result).items():
        try:
            texts[key] = to_json(value, _what(key))
        except TypeError as error:
            raise XComLimit(str(error)) from None
    _check_sizes(texts, size_max)
    return [[key, text] for key, text in texts.items()]


def direction_of(behaviour: Behaviour, result: Any) -> Frame | None:
    """The Direction that a branch or a short circuit decided; None when it decided nothing."""
    if behaviour.kind == 'branch':
        return {'branch': {'follow_ids': _followed_ids(result)}}
    if behaviour.kind == 'short_circuit' and not result:
        respects = not behaviour.ignore_downstream_trigger_rules
        return {'short_circuit': {'respects_trigger_rules': respects}}
    return None


def _followed_ids(result: Any) -> list[str]:
    ids = [result] if isinstance(result, str) else list(result or ())
    for each in ids:
        if not isinstance(each, str):
            raise TypeError(f'a branch returns ids of tasks or groups as text, not {each!r}')
    return list(dict.fromkeys(ids))


def _values_of(behaviour: Behaviour, result: Any) -> dict[str, Any]:
    # As in Airflow, None is not pushed: whoever reads it finds nothing, which is None again.
    if result is None or not behaviour.do_xcom_push:
        return {}
    if behaviour.kind == 'branch':
        result = result if isinstance(result, str) else list(result)
    if not behaviour.multiple_outputs:
        return {RETURN_VALUE: result}
    if not isinstance(result, Mapping):
        raise TypeError('a task with multiple_outputs returns a dict')
    for key in result:
        require_xcom_key(key)
    return {**result, RETURN_VALUE: result}


def _check_sizes(texts: Mapping[str, str], xcom_size_max: int) -> None:
    sizes = {key: len(text.encode()) for key, text in texts.items()}
    for key, size in sizes.items():
        if size > xcom_size_max:
            raise XComLimit(
                f'{_what(key)} has {size:,} bytes of JSON; at most {xcom_size_max:,} are allowed. '
                'Store it elsewhere and return where it is.'
            )
    if len(sizes) > XCOMS_MAX or sum(sizes.values()) > XCOMS_SIZE_MAX:
        raise XComLimit(
            f'{len(sizes):,} XComs with {sum(sizes.values()):,} bytes of JSON are too much; '
            f'at most {XCOMS_MAX:,} with {XCOMS_SIZE_MAX:,} bytes are allowed.'
        )


def _what(key: str) -> str:
    return 'the return value' if key == RETURN_VALUE else f'the XCom {key!r}'

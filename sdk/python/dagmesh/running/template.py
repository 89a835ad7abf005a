"""`{{ name }}` in texts of authors: a small part of what Airflow's templates can do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_FIELD = re.compile(r'\{\{\s*([A-Za-z_]\w*(?:\.\w+)*)\s*\}\}')


def render(template: str, *sources: Any) -> str:
    """The text with each `{{ name }}` and `{{ name.inner }}` replaced; the first source that has
    the name counts. What no source has stays as it is, so that the mistake can be seen.
    """

    def replaced(match: re.Match[str]) -> str:
        first, *rest = match.group(1).split('.')
        for source in sources:
            if first in source:
                return _text_of(source[first], rest, match.group())
        return match.group()

    return _FIELD.sub(replaced, template)


def _text_of(value: Any, path: list[str], otherwise: str) -> str:
    for name in path:
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif not isinstance(value, Mapping) and hasattr(value, name):
            value = getattr(value, name)
        else:
            return otherwise
    return str(value)

"""Params: the values a run of a DAG may be triggered with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Tells "no default" from a default of None.
REQUIRED: Any = type('Required', (), {'__repr__': lambda _: 'REQUIRED'})()


class Param:
    """A value with its JSON Schema: `Param(10, type='integer', minimum=1, description='rows to
    read')`.

    Without a default, whoever triggers the DAG must give the value.
    """

    def __init__(self, default: Any = REQUIRED, *, description: str = '', **schema: Any) -> None:
        self.default = default
        self.description = description
        self.schema: dict[str, Any] = schema


def param_of(value: Any) -> Param:
    """A plain value stands for a param with that default and no schema."""
    return value if isinstance(value, Param) else Param(value)


def params_of(values: Mapping[str, Any]) -> dict[str, Param]:
    """The params that an author gave by name."""
    return {name: param_of(value) for name, value in values.items()}

"""The arguments of a task: given by name, as JSON or as the output of another task."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection, Mapping
from typing import Any, Callable

from dagmesh.authoring.graph.outputs import GroupArgument, Output, XComArg
from dagmesh.authoring.source import refuse
from dagmesh.context import CONTEXT_NAMES

# What the worker gives by itself, so that authors cannot be asked for it.
_WORKERS_OWN = ('ctx',)


def bind(
    function: Callable[..., Any],
    args: Any,
    kwargs: Mapping[str, Any],
    *,
    mapped: Collection[str] | None = (),
) -> dict[str, Any]:
    """The arguments by name; refused when one is missing, unknown, or cannot be given by name.

    `mapped` are those that come from a mapping; None means that nobody knows them yet.
    """
    signature = inspect.signature(function)
    given = [each for name, each in signature.parameters.items() if name not in _WORKERS_OWN]
    signature = signature.replace(parameters=given)
    try:
        bound = signature.bind_partial(*args, **{**dict.fromkeys(mapped or ()), **kwargs})
    except TypeError as error:
        raise refuse(f'{function.__name__}: {error}') from None
    inputs: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise refuse(f'{function.__name__} takes {parameter}, but inputs are given by name')
        if parameter.kind is parameter.VAR_KEYWORD:
            inputs.update(bound.arguments.get(name, {}))
        elif name in bound.arguments:
            inputs[name] = bound.arguments[name]
        elif mapped is None or parameter.default is not parameter.empty:
            continue
        elif name not in CONTEXT_NAMES:
            raise refuse(f'{function.__name__} needs the argument {name!r}')
    return checked_inputs({name: inputs[name] for name in inputs if name not in (mapped or ())})


def checked_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs; refused when one is neither an output that can be given nor JSON."""
    return {name: _checked(name, value) for name, value in inputs.items()}


def _checked(name: str, value: Any) -> Any:
    if isinstance(value, Output):
        output = getattr(value, 'output', value)
        if not isinstance(output, XComArg):
            raise refuse(
                f'the input {name!r} is mapped, zipped or concatenated: only expand takes it'
            )
        return output
    if isinstance(value, GroupArgument):
        return value
    try:
        json.dumps(value, allow_nan=False, default=_refuse_inner)
    except (TypeError, ValueError, RecursionError) as error:
        raise refuse(f'the input {name!r} has no JSON form: {error}') from None
    return value


def _refuse_inner(value: Any) -> Any:
    if isinstance(value, (Output, GroupArgument)):
        raise TypeError('an output of another task must be an argument of its own')
    raise TypeError(f'{value!r} is a {type(value).__name__}')

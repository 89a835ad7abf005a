"""The arguments of a handler: its inputs, and what it takes of the context without being given."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Callable

from dagmesh.context import CONTEXT_NAMES, TaskContext

# Applies the function behind a handler name to a value.
Apply = Callable[[str, Any], Any]

# The name under which an element stands that is not yet a dict of arguments.
WHOLE = ''


def arguments_for(
    function: Callable[..., Any], given: Mapping[str, Any], context: TaskContext
) -> dict[str, Any]:
    """What was given, `ctx`, and values of the context by name; `**kwargs` take all of them."""
    arguments = dict(given)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            own = {each: context[each] for each in context.keys() if each not in arguments}
            arguments.update(own)
        elif name in arguments:
            continue
        elif name == 'ctx':
            arguments[name] = context
        elif name in CONTEXT_NAMES:
            try:
                arguments[name] = context[name]
            except KeyError:
                # Some do not exist in a run without a date; a default may stand for them.
                if parameter.default is parameter.empty:
                    raise
    return arguments


def accepted(function: Callable[..., Any], offered: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is offered, that which the function takes."""
    parameters = inspect.signature(function).parameters
    takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    return {name: value for name, value in offered.items() if takes_all or name in parameters}


def transformed(
    inputs: Mapping[str, Any],
    transforms: Iterable[Mapping[str, Any]],
    *,
    shared: Collection[str],
    apply: Apply,
) -> dict[str, Any]:
    """The inputs after the functions of `.map` have changed them.

    A transform without a name is about the keyword arguments of this instance: all inputs but the
    `shared` ones that all instances have. TypeError when what it answers is no dict.
    """
    result = dict(inputs)
    for transform in transforms:
        name = transform.get('name', WHOLE)
        if name == WHOLE and WHOLE not in result:
            own = {key: result.pop(key) for key in list(result) if key not in shared}
            result[WHOLE] = own
        path = transform.get('path', [])
        changed = _changed(result.get(name), path, transform.get('handlers', []), apply)
        field = transform.get('field', '')
        result[name] = changed[field] if field else changed
    if WHOLE in result:
        element = result.pop(WHOLE)
        if not isinstance(element, Mapping):
            kind = type(element).__name__
            raise TypeError(
                f'an element of expand_kwargs must be a dict of arguments, not a {kind}'
            )
        result.update(element)
    return result


def _changed(value: Any, path: list[int], handlers: Iterable[str], apply: Apply) -> Any:
    if path:
        place, *rest = path
        changed = list(value)
        changed[place] = _changed(changed[place], rest, handlers, apply)
        return changed
    for handler in handlers:
        value = apply(handler, value)
    return value

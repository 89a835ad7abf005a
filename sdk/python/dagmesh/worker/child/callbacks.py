"""Calls an author's callback with the context of what happened, as Airflow does."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Callable

from dagmesh.context import TaskContext
from dagmesh.worker.child.arguments import arguments_for

_OWNERS = ('ti', 'task_instance', 'dag_run', 'dag', 'task')


def context_of_event(told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told, readable like Airflow's context: `context['ti'].task_id`."""
    owners = {name: _namespace(told.get(name, told)) for name in _OWNERS}
    return {**told, **owners}


def call_back(function: Callable[..., Any], context: TaskContext) -> Any:
    """Calls it with what it takes by name; an argument that has no such name gets the whole."""
    told = context_of_event(context.inputs)
    parameters = inspect.signature(function).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return function(**{'ctx': context, **told})
    given = {name: told[name] for name in parameters if name in told}
    whole = [
        name
        for name, each in parameters.items()
        if name not in given and name != 'ctx' and each.default is each.empty
    ]
    if whole:
        given[whole[0]] = told
    return function(**arguments_for(function, given, context))


def _namespace(value: Any) -> Any:
    return SimpleNamespace(**value) if isinstance(value, Mapping) else value

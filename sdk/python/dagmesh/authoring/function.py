"""A task's code together with what its decorator said about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Optional


@dataclass(frozen=True)
class TaskFunction:
    """A function that can be run as a task. Kept apart from the graph, because a worker needs only this."""

    function: Callable[..., Any]
    # Whether each key of the dict it returns is pushed as an XCom of its own.
    multiple_outputs: bool = False

"""Finds the code behind a handler name in a DAG folder, and keeps it until a file changes."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from dagmesh.authoring.files import LoadedFile, execute_file
from dagmesh.authoring.functions import functions_of
from dagmesh.authoring.tasks.behaviour import PLAIN, Behaviour
from dagmesh.authoring.tasks.node import TaskNode
from dagmesh.authoring.tasks.task_function import TaskFunction


class HandlerMissing(Exception):
    """There is no such handler in this worker's DAG folder."""


@dataclass(frozen=True)
class Handler:
    """Code that can be run as a task."""

    function: Callable[..., Any]
    behaviour: Behaviour = PLAIN


class DagFolder:
    """The DAG files of a folder; a changed file, or module beside it, is loaded anew."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder).resolve()
        self._loaded: dict[Path, LoadedFile] = {}
        self._handlers: dict[str, Handler] = {}
        self._stamps: dict[str, int] = {}
        # Bytecode files carry whole seconds, so they could hide a quick second edit.
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(self._folder))

    def resolve(self, name: str) -> Handler:
        """The code of `<file>:<function>`, `<file>:<dag_id>.<task_id>`, or a place in a DAG.

        Raises HandlerMissing when there is none, and whatever executing the file raises.
        """
        if self._is_changed():
            self._forget()
        if name not in self._handlers:
            file, rest = parts_of(name)
            self._handlers[name] = _find(self.load(file), rest, name)
        return self._handlers[name]

    def load(self, file: str) -> LoadedFile:
        """Executes a file of the folder, or answers what it was when it was executed last."""
        path = (self._folder / file).resolve()
        if path not in self._loaded:
            if self._folder not in path.parents or not path.is_file():
                raise HandlerMissing(f'{file} is not in the DAG folder {self._folder}')
            self._loaded[path] = execute_file(path, path.relative_to(self._folder).as_posix())
            self._remember_stamps()
        return self._loaded[path]

    def node(self, name: str, dag_id: str, task_id: str) -> TaskNode | None:
        """The task of a DAG of the handler's file; None when the DAG is written elsewhere."""
        for dag in self.load(parts_of(name)[0]).dags:
            if dag.dag_id == dag_id:
                return dag.tasks.get(task_id)
        return None

    def leave(self) -> None:
        """Forgets the folder, so that modules of another one may have the same names."""
        self._remember_stamps()
        self._forget()
        if str(self._folder) in sys.path:
            sys.path.remove(str(self._folder))

    def _remember_stamps(self) -> None:
        prefix = f'{self._folder}/'
        for module in list(sys.modules.values()):
            file = getattr(module, '__file__', None)
            if file and file.startswith(prefix):
                self._stamps[file] = _stamp(file)

    def _is_changed(self) -> bool:
        return any(_stamp(file) != stamp for file, stamp in self._stamps.items())

    def _forget(self) -> None:
        for name, module in list(sys.modules.items()):
            if getattr(module, '__file__', None) in self._stamps:
                del sys.modules[name]
        importlib.invalidate_caches()
        self._loaded.clear()
        self._handlers.clear()
        self._stamps.clear()


class DagFolders:
    """The worker's own folder and those of bundles; one is in use at a time."""

    def __init__(self, folder: str) -> None:
        self._path = folder
        self._current = DagFolder(folder)

    def enter(self, path: str) -> DagFolder:
        """The folder at this path; modules of the one used before are forgotten."""
        if path != self._path:
            self._current.leave()
            self._path, self._current = path, DagFolder(path)
        return self._current


def parts_of(name: str) -> tuple[str, str]:
    """The file of a handler name, and what is named in it."""
    file, separator, rest = name.partition('.py:')
    if not separator:
        raise HandlerMissing(f'the handler {name!r} is not of the form <file>.py:<name>')
    return f'{file}.py', rest


def _stamp(file: str) -> int:
    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return 0


def _find(loaded: LoadedFile, rest: str, name: str) -> Handler:
    found = _handler_of(getattr(loaded.module, rest, None))
    if found is not None:
        return found
    for dag in loaded.dags:
        if rest.startswith(f'{dag.dag_id}.'):
            found = _handler_of(dag.tasks.get(rest[len(dag.dag_id) + 1 :]))
        if found is None and '#' in rest:
            found = _handler_of(dict(functions_of(dag)).get(rest))
        if found is not None:
            return found
    raise HandlerMissing(
        f'{name} is not there: {loaded.module.__file__} has no task or function of that name'
    )


def _handler_of(thing: Any) -> Handler | None:
    if isinstance(thing, TaskNode) and thing.function is not None:
        return Handler(thing.function.function, thing.behaviour)
    if isinstance(thing, TaskFunction):
        return Handler(thing.function, thing.behaviour)
    return Handler(thing) if callable(thing) and not isinstance(thing, type) else None

"""The code of the DAGs under test, as a worker's child looks for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any

from dagmesh.authoring.dag import DAG
from dagmesh.authoring.functions import functions_of
from dagmesh.authoring.spec import spec_of
from dagmesh.authoring.tasks.behaviour import PLAIN
from dagmesh.authoring.tasks.node import TaskNode
from dagmesh.gen.dag.v1.dag_pb2 import DagSpec
from dagmesh.testing.bodies import Body, Taking, as_handler, bodies_by_try
from dagmesh.testing.errors import DagTestError
from dagmesh.worker.child.handlers import Handler, HandlerMissing, parts_of

Lease = Mapping[str, Any]


class Cast:
    """Stands in for the DAG folders of a worker: the DAGs are here already.

    Each DAG counts as a file of its own, `<dag_id>.py`; the module it was written in lends it the
    functions that go on after a wait.
    """

    def __init__(self, dags: Sequence[DAG], bodies: Mapping[str, Any]) -> None:
        self._dags = {dag.dag_id: dag for dag in dags}
        self._bodies = bodies_by_try(bodies)
        self._lease: Lease = {}
        known = [name for dag in dags for name in dag.tasks]
        full = {f'{dag.dag_id}.{name}' for dag in dags for name in dag.tasks}
        for name in self._bodies:
            if name not in known and name not in full:
                words = f'bodies: there is no task {name!r}, but {", ".join(known)}'
                if name.partition('[')[0] in known:
                    words += '; a body is for all instances, ctx.map_index tells which one it is'
                raise DagTestError('task_not_found', words)

    def specs(self) -> list[DagSpec]:
        """The DAGs as the mesh gets them."""
        nowhere = ModuleType('nowhere')
        return [spec_of(dag, nowhere, f'{dag.dag_id}.py') for dag in self._dags.values()]

    def prepare(self, lease: Lease) -> None:
        """What is looked for from now on is for this attempt."""
        self._lease = lease

    def took(self, lease: Lease) -> timedelta:
        """How long the attempt takes at least."""
        body = self._body_of(lease)
        return body.span if isinstance(body, Taking) else timedelta(0)

    def is_poking(self, lease: Lease) -> bool:
        """Whether the attempt sleeps between two looks."""
        node = self._node_of(lease)
        options = node.behaviour.sensor if node and node.behaviour.kind == 'sensor' else None
        return options is not None and options.mode == 'poke'

    # As of DagFolders and DagFolder.

    def enter(self, _path: str) -> Cast:
        """The one folder there is."""
        return self

    def resolve(self, name: str) -> Handler:
        """The code behind a handler name; what the test put in its place first."""
        if name == self._lease.get('handler'):
            return self._handler_of_lease(name)
        file, rest = parts_of(name)
        dag = self._dags[file[: -len('.py')]]
        place = dict(functions_of(dag)).get(rest)
        found = place or getattr(_module_of(dag), rest, None)
        if callable(found):
            return Handler(getattr(found, 'function', found))
        raise HandlerMissing(f'{rest} is not at the top of {dag.place.file}')

    def node(self, _name: str, dag_id: str, task_id: str) -> TaskNode | None:
        """The task of a DAG; None when there is none."""
        dag = self._dags.get(dag_id)
        return dag.tasks.get(task_id) if dag else None

    def _handler_of_lease(self, name: str) -> Handler:
        node, body = self._node_of(self._lease), self._body_of(self._lease)
        if body is not None:
            behaviour = node.behaviour if node else PLAIN
            return Handler(as_handler(body, behaviour), behaviour)
        if node is not None and node.function is not None:
            return Handler(node.function.function, node.behaviour)
        dag = self._dags.get(self._lease['dag_id'])
        place = dict(functions_of(dag)).get(name.partition('.py:')[2]) if dag else None
        if place is not None:
            return Handler(place)
        task_id = self._lease['task_id']
        raise HandlerMissing(
            f'task {task_id!r} runs {name!r}, which this process does not have; '
            f'put a function in its place: bodies={{{task_id!r}: …}}'
        )

    def _node_of(self, lease: Lease) -> TaskNode | None:
        return self.node('', lease['dag_id'], lease['task_id'])

    def _body_of(self, lease: Lease) -> Body | None:
        task_id = lease['task_id']
        full = f'{lease["dag_id"]}.{task_id}'
        tries = self._bodies.get(full) or self._bodies.get(task_id)
        return tries[min(lease['try_number'], len(tries)) - 1] if tries else None


def dags_of(given: Any) -> list[DAG]:
    """The DAGs of a test; DagTestError for anything else."""
    dags = list(given) if isinstance(given, (list, tuple)) else [given]
    if not dags or not all(isinstance(dag, DAG) for dag in dags):
        raise DagTestError(
            'bad_request',
            f'DagTest takes a DAG or a list of them, not {given!r}; a function with @dag must be '
            'called first',
        )
    return dags


def asset_names_of(written: Any) -> Iterator[str]:
    """The assets that are named anywhere in a spec, in the JSON of the contracts."""
    if isinstance(written, list):
        for each in written:
            yield from asset_names_of(each)
    elif isinstance(written, dict):
        asset = written.get('asset')
        for named in (*written.get('assets', ()), *([asset] if isinstance(asset, dict) else ())):
            name = named.get('name') or named.get('assetName') or named.get('uri')
            if name:
                yield name
        yield from asset_names_of(list(written.values()))


def _module_of(dag: DAG) -> ModuleType | None:
    for module in list(sys.modules.values()):
        if getattr(module, '__file__', None) == dag.place.file:
            return module
    return None

"""What only a whole DAG shows: rules that are not the author's to choose, keys without limits."""

from __future__ import annotations

from collections.abc import Iterator

from dagmesh.authoring.checks import texts_of
from dagmesh.authoring.dag import DAG
from dagmesh.authoring.graph.mapping import Expansion
from dagmesh.authoring.source import refuse
from dagmesh.authoring.tasks.node import TaskNode
from dagmesh.authoring.tasks.options import TriggerRule


def refuse_illegal(dag: DAG) -> None:
    """Refuses the first task that the mesh would not have in its DAG, at its line."""
    for node in dag.tasks.values():
        cause = _rule_cause(node) or _key_cause(node)
        if cause:
            raise refuse(f'the task {node.task_id!r} {cause}', node.place)


def _rule_cause(node: TaskNode) -> str:
    rule = TriggerRule(node.options.trigger_rule)
    if node.is_teardown or rule is TriggerRule.ALL_SUCCESS:
        return ''
    has = f'has the trigger_rule {rule.value!r}'
    if rule is TriggerRule.ALL_DONE_SETUP_SUCCESS:
        return f'{has}, which only teardowns get, by themselves'
    if node.dag.fail_fast:
        return f'{has}, but in a DAG with fail_fast every rule is all_success'
    setup = next((each for each in node.upstream_nodes() if each.is_setup), None)
    if setup is not None:
        return (
            f'{has}, but directly downstream of the setup {setup.task_id!r} only all_success is '
            'allowed'
        )
    if rule is TriggerRule.ALWAYS and any(_waits_for_tasks(each) for each in _expansions(node)):
        return f'{has}, but it must wait for the result that it or its group is mapped over'
    return ''


def _key_cause(node: TaskNode) -> str:
    for key in texts_of('limit_keys', node.options.limit_keys, 10):
        if key not in node.dag.key_limits:
            return f'has the limit key {key!r}, which key_limits of its DAG does not name'
    return ''


def _expansions(node: TaskNode) -> Iterator[Expansion | None]:
    yield node.expansion
    group = node.group
    while group is not None:
        yield group.expansion
        group = group.parent


def _waits_for_tasks(expansion: Expansion | None) -> bool:
    return expansion is not None and any(True for _ in expansion.nodes())

"""The TaskGroupSpec of a group."""

from __future__ import annotations

from dagmesh.authoring.graph.task_group import TaskGroup
from dagmesh.authoring.spec.naming import Names
from dagmesh.authoring.wire import Wire, without_blanks


def group_wire(group: TaskGroup, names: Names) -> Wire:
    """The TaskGroupSpec."""
    fields = {
        'group_id': group.group_id,
        'parent_group_id': group.parent.group_id if group.parent else '',
        'display_name': group.group_display_name,
        'tooltip': group.tooltip,
        'mapping': group.expansion.wire(names.of_function) if group.expansion else None,
        'has_prefix': group.prefix_group_id,
    }
    return without_blanks(fields)

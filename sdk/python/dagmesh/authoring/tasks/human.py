"""Questions to people: tasks without code that ask and end with the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmesh.authoring.checks import Span, require
from dagmesh.authoring.tasks.node import TaskNode
from dagmesh.authoring.tasks.question import question_wire
from dagmesh.authoring.wire import Wire

APPROVE, REJECT = 'Approve', 'Reject'


def HumanInput(task_id: str, *, execution_timeout: Span | None = None, **given: Any) -> TaskNode:
    """Asks people, and succeeds with their answer: `{"chosen_options", "params_input"}`.

    Takes `subject`, `options`, `body`, `defaults`, `multiple`, `params`, `assigned_users`, and
    options of tasks. `execution_timeout` is how long it waits for the answer.
    """
    return _asking(task_id, execution_timeout, given)


def Approval(
    task_id: str,
    *,
    fail_on_reject: bool = False,
    execution_timeout: Span | None = None,
    **given: Any,
) -> TaskNode:
    """Asks whether the run may go on. A rejection skips what is downstream, or fails the task."""
    effect = 'APPROVAL_OR_FAIL' if fail_on_reject else 'APPROVAL'
    asked = {**given, 'options': [APPROVE, REJECT]}
    return _asking(task_id, execution_timeout, asked, effect=f'HUMAN_INPUT_EFFECT_{effect}')


def HumanBranch(
    task_id: str,
    *,
    options_mapping: Mapping[str, str] | None = None,
    execution_timeout: Span | None = None,
    **given: Any,
) -> TaskNode:
    """Asks which branches are followed. Options that `options_mapping` leaves out are task ids."""
    effect: Wire = {'effect': 'HUMAN_INPUT_EFFECT_BRANCH'}
    if options_mapping:
        effect['branches'] = dict(options_mapping)
    return _asking(task_id, execution_timeout, given, **effect)


def HumanEntry(task_id: str, *, execution_timeout: Span | None = None, **given: Any) -> TaskNode:
    """Asks for a form alone."""
    return _asking(task_id, execution_timeout, {'options': ['OK'], **given})


# Airflow's names for them.
HITLOperator = HumanInput
ApprovalOperator = Approval
HITLBranchOperator = HumanBranch
HITLEntryOperator = HumanEntry

_QUESTION_NAMES = frozenset(
    ['subject', 'options', 'body', 'defaults', 'multiple', 'params', 'assigned_users']
)


def _asking(
    task_id: str, timeout: Span | None, given: Mapping[str, Any], **effect: Any
) -> TaskNode:
    asked = {name: value for name, value in given.items() if name in _QUESTION_NAMES}
    for name in ('subject', 'options'):
        require(name in asked, name, None, 'given')
    wire = {**question_wire(**asked, timeout=timeout), **effect}
    options = {name: value for name, value in given.items() if name not in _QUESTION_NAMES}
    return TaskNode(task_id, built_in={'human_input': wire}, options=options)

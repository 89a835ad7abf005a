"""What follows failures of certain kinds: `retry_policy=`, by Airflow's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Union

from dagmesh.authoring.checks import Span, require, require_text, seconds_of, texts_of
from dagmesh.authoring.wire import Wire, duration_text, without_blanks

Exceptions = Union[type[BaseException], str, Sequence[Union[type[BaseException], str]]]

# Kinds of failure as the mesh names them.
REASONS = ('exception', 'timeout', 'exited', 'out_of_memory', 'limit', 'lost')


class RetryAction(str, Enum):
    """What follows a failure."""

    RETRY = 'retry'
    FAIL = 'fail'
    DEFAULT = 'default'


@dataclass(frozen=True)
class RetryRule:
    """What follows a failure with this `exception` (a class, its name, or several) and this kind.

    Classes are compared by name, of the error and of all that its class descends from. `failure`
    names kinds such as `timeout`, `out_of_memory`, `lost`. `reason` is for people. A rule cannot
    add tries.
    """

    exception: Exceptions = ()
    action: str | RetryAction = RetryAction.RETRY
    retry_delay: Span | None = None
    reason: str = ''
    failure: str | Sequence[str] = ()

    def __post_init__(self) -> None:
        actions = [action.value for action in RetryAction]
        require(self.action in actions, 'action', self.action, f'one of {", ".join(actions)}')
        for kind in texts_of('failure', self.failure, 20):
            require(kind in REASONS, 'failure', kind, f'one of {", ".join(REASONS)}')
        if self.retry_delay is not None:
            seconds_of(self.retry_delay, 'retry_delay')
        require_text('reason', self.reason, 1000)
        self.wire()

    def wire(self) -> Wire:
        """The RetryRule."""
        action = RetryAction(self.action)
        fields: Wire = {
            'reasons': texts_of('failure', self.failure, 20),
            'error_classes': [_class_name(each) for each in _listed(self.exception)],
            'note': self.reason,
        }
        if action is not RetryAction.DEFAULT:
            fields['action'] = f'RETRY_ACTION_{action.name}'
        if self.retry_delay is not None:
            fields['delay'] = duration_text(self.retry_delay)
        return without_blanks(fields)


class ExceptionRetryPolicy:
    """Rules in order; the first that fits a failure counts."""

    def __init__(self, rules: Sequence[RetryRule]) -> None:
        is_list = isinstance(rules, (list, tuple)) and len(rules) <= 100
        require(is_list, 'retry_policy', rules, 'a list of at most 100 RetryRule(...)')
        for rule in rules:
            require(isinstance(rule, RetryRule), 'rules', rule, 'a list of RetryRule(...)')
        self.rules = list(rules)


def retry_rules_of(given: Any) -> list[RetryRule]:
    """What an author gave as `retry_policy=`: a policy, its rules, or None."""
    if given is None:
        return []
    return (
        given.rules
        if isinstance(given, ExceptionRetryPolicy)
        else ExceptionRetryPolicy(given).rules
    )


def class_name(kind: type[BaseException]) -> str:
    """How a worker tells the class of an error to the mesh."""
    module = '' if kind.__module__ == 'builtins' else f'{kind.__module__}.'
    return f'{module}{kind.__qualname__}'


def ancestor_names(kind: type[BaseException]) -> list[str]:
    """What the class descends from, nearest first; a retry rule may name any of it."""
    return [class_name(each) for each in kind.__mro__[1:-1]]


def _listed(exceptions: Exceptions) -> Sequence[Any]:
    return exceptions if isinstance(exceptions, (list, tuple)) else [exceptions]


def _class_name(exception: Any) -> str:
    if isinstance(exception, type) and issubclass(exception, BaseException):
        # A class of a DAG file is known to parser and worker by different module names, and the
        # mesh has words of its own that are classes of the SDK, e.g. TaskTimeout.
        is_own = exception.__module__.startswith(('dagmesh_dags.', 'dagmesh.errors'))
        return exception.__qualname__.rpartition('.')[2] if is_own else class_name(exception)
    require_text('exception', exception, 500, least=1)
    name: str = exception
    return name

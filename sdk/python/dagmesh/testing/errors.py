"""What the test kit raises at authors of tests."""

from __future__ import annotations


class DagTestError(Exception):
    """A test asked for something that cannot be, e.g. a run of a DAG that there is not.

    `reason` is the mesh's word for it, e.g. `task_not_found`; `failed` where there is none.
    """

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


def bad_request(message: str) -> DagTestError:
    """The error to raise for what a test gave."""
    return DagTestError('bad_request', message)

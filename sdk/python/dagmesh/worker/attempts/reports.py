"""What the mesh is told about an attempt that ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import ParseDict, ParseError

from dagmesh.authoring.retry import ancestor_names
from dagmesh.errors import TaskTimeout
from dagmesh.gen.worker.v1 import attempt_pb2 as pb
from dagmesh.worker.attempts.attempt import Attempt, Cause, Ending

# Limits of the contract, in bytes.
CLASS_SIZE_MAX = 500
ANCESTORS_MAX = 50
MESSAGE_SIZE_MAX = 4096
STACK_SIZE_MAX = 16384
# In characters.
LABEL_LENGTH_MAX = 250

_OUTCOMES = {
    'success': pb.OUTCOME_SUCCESS,
    'failed': pb.OUTCOME_FAILED,
    'skipped': pb.OUTCOME_SKIPPED,
    'cancelled': pb.OUTCOME_CANCELLED,
    'deferred': pb.OUTCOME_DEFERRED,
    'rescheduled': pb.OUTCOME_RESCHEDULED,
    'awaiting_input': pb.OUTCOME_AWAITING_INPUT,
}
# What a `finished` frame carries in the JSON of the contracts.
_PARTS = ('direction', 'asset_updates', 'defer', 'reschedule_at', 'await_input')
_WAITS = {
    pb.OUTCOME_DEFERRED: 'deferred until its trigger fires',
    pb.OUTCOME_RESCHEDULED: 'rescheduled',
    pb.OUTCOME_AWAITING_INPUT: 'waits for an answer',
}
_REASONS = {
    'exception': pb.FAILURE_REASON_EXCEPTION,
    'exited': pb.FAILURE_REASON_EXITED,
    'limit': pb.FAILURE_REASON_LIMIT,
    'out_of_memory': pb.FAILURE_REASON_OUT_OF_MEMORY,
}


def report_of(attempt: Attempt, ending: Ending, *, is_oom_killed: bool) -> pb.AttemptReport | None:
    """The report of an ended attempt; None when it belongs to nobody here any more."""
    if ending.cause in (Cause.LOST, Cause.FENCED):
        return None
    report = pb.AttemptReport(attempt_token=attempt.token)
    finished = ending.finished or {}
    if ending.cause is Cause.CANCELLED:
        report.outcome = pb.OUTCOME_CANCELLED
        report.reason = attempt.reason
    elif ending.cause in (Cause.TIMEOUT, Cause.STOPPED):
        report.outcome = pb.OUTCOME_FAILED
        report.error.CopyFrom(_interruption_of(attempt, finished))
    elif ending.finished is None:
        report.outcome = pb.OUTCOME_FAILED
        report.error.CopyFrom(_death_of(ending.wait_status, is_oom_killed))
    else:
        _tell(attempt, report, finished)
    label = finished.get('map_label', '')[:LABEL_LENGTH_MAX]
    report.map_label = attempt.masker.mask(label.encode('utf-8', 'replace').decode())
    _conclude_log(attempt, report)
    report.log_size = attempt.log.size
    return report


def _tell(attempt: Attempt, report: pb.AttemptReport, finished: Mapping[str, Any]) -> None:
    """Writes down what the child said."""
    report.outcome = _OUTCOMES[finished['outcome']]
    report.reason = _fitted(attempt.masker.mask(finished.get('reason', '')), MESSAGE_SIZE_MAX)
    for key, value_json in finished.get('xcoms', []):
        report.xcoms.add(key=key, value_json=value_json)
    if finished['outcome'] == 'failed':
        report.error.CopyFrom(_error_of(attempt, finished['error']))
    try:
        ParseDict({name: finished[name] for name in _PARTS if finished.get(name)}, report)
    except (ParseError, ValueError) as error:
        # E.g. text that is no UTF-8, or a time that no calendar has.
        token = report.attempt_token
        report.Clear()
        report.attempt_token, report.outcome = token, pb.OUTCOME_FAILED
        message = _fitted(f'what the task decided cannot be told: {error}', MESSAGE_SIZE_MAX)
        limit = pb.FAILURE_REASON_LIMIT
        report.error.CopyFrom(
            pb.AttemptError(error_class='ReportInvalid', message=message, reason=limit)
        )


def rejection_of(token: str, reason: str) -> pb.AttemptReport:
    """For a lease that could not be begun."""
    return pb.AttemptReport(attempt_token=token, outcome=pb.OUTCOME_REJECTED, reason=reason)


def _conclude_log(attempt: Attempt, report: pb.AttemptReport) -> None:
    """Whoever reads the log should find there why it ends.

    What is reported is masked already; so is the log.
    """
    if report.outcome == pb.OUTCOME_SKIPPED:
        attempt.log.write('info', 'worker', f'skipped: {report.reason}')
    elif report.outcome in _WAITS:
        attempt.log.write('info', 'worker', _WAITS[report.outcome])
    elif report.outcome == pb.OUTCOME_FAILED:
        for line in (report.error.stack or report.error.message).rstrip().split('\n'):
            attempt.log.write('error', 'worker', line)


def _error_of(attempt: Attempt, error: Mapping[str, Any]) -> pb.AttemptError:
    mask = attempt.masker.mask
    described = pb.AttemptError(
        error_class=_fitted(error['error_class'], CLASS_SIZE_MAX),
        error_class_ancestors=[
            _fitted(name, CLASS_SIZE_MAX) for name in error['ancestors'][:ANCESTORS_MAX]
        ],
        message=_fitted(mask(error['message']), MESSAGE_SIZE_MAX),
        # The end of a stack says where it broke.
        stack=_fitted(mask(error['stack']), STACK_SIZE_MAX, keep_end=True),
        reason=_REASONS[error['reason']],
        is_final=error.get('is_final', False),
    )
    if 'retry_delay_s' in error:
        described.retry_delay.CopyFrom(_duration(error['retry_delay_s']))
    return described


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration


def _interruption_of(attempt: Attempt, finished: Mapping[str, Any]) -> pb.AttemptError:
    is_timeout = attempt.cause is Cause.TIMEOUT
    stack = finished.get('error', {}).get('stack', '')
    return pb.AttemptError(
        error_class='TaskTimeout' if is_timeout else 'WorkerStopped',
        error_class_ancestors=ancestor_names(TaskTimeout) if is_timeout else [],
        message=attempt.reason,
        # Where the task stood when it was interrupted.
        stack=_fitted(attempt.masker.mask(stack), STACK_SIZE_MAX, keep_end=True),
        reason=pb.FAILURE_REASON_TIMEOUT if is_timeout else pb.FAILURE_REASON_EXITED,
    )


def _death_of(wait_status: int | None, is_oom_killed: bool) -> pb.AttemptError:
    if is_oom_killed:
        return pb.AttemptError(
            error_class='OutOfMemory',
            message='the machine ran out of memory and the kernel ended the process of the task',
            reason=pb.FAILURE_REASON_OUT_OF_MEMORY,
        )
    if wait_status is not None and os.WIFSIGNALED(wait_status):
        number = os.WTERMSIG(wait_status)
        message = f'the process of the task was ended by signal {_signal_name(number)}'
    else:
        code = 0 if wait_status is None else os.WEXITSTATUS(wait_status)
        message = f'the process of the task exited with code {code} before the task returned'
    return pb.AttemptError(
        error_class='ChildExited', message=message, reason=pb.FAILURE_REASON_EXITED
    )


def _signal_name(number: int) -> str:
    try:
        return f'{number} ({signal.Signals(number).name})'
    except ValueError:
        return str(number)


def _fitted(text: str, size_max: int, *, keep_end: bool = False) -> str:
    """The text in that many bytes of UTF-8; what JSON can say but UTF-8 cannot is escaped."""
    content = text.encode('utf-8', 'backslashreplace')
    if len(content) > size_max:
        content = content[-size_max + 4 :] if keep_end else content[: size_max - 4]
        cut = content.decode('utf-8', 'ignore')
        return f'…{cut}' if keep_end else f'{cut}…'
    return content.decode()

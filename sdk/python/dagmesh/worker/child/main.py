"""The life of a child: it runs one attempt after another until its link closes."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import socket
import threading
from typing import Callable

from dagmesh.worker.child.attempt_run import run_attempt
from dagmesh.worker.child.frame_socket import FrameSocket
from dagmesh.worker.child.handlers import DagFolders
from dagmesh.worker.child.output import capture

# After these the child can run another attempt; a failure may have left anything behind.
CLEAN_OUTCOMES = frozenset(['success', 'skipped', 'deferred', 'rescheduled', 'awaiting_input'])


def main(link_descriptor: int, stdout: int, stderr: int, *, folder: str, memory_mb: int) -> None:
    """Runs attempts until the supervisor closes the link or is gone."""
    _settle(stdout, stderr, memory_mb)
    link = FrameSocket(socket.socket(fileno=link_descriptor))
    output = capture(link)
    os.register_at_fork(after_in_child=link.close)
    folders = DagFolders(folder)
    own_pid = os.getpid()
    restore = _restorer()
    while True:
        frame = link.receive()
        if frame is None:
            return
        output.begin(frame['log_size_max'])
        finished = run_attempt(frame, link, folders)
        if os.getpid() != own_pid:
            # A process the task forked came back from the task's code: the attempt is not its own.
            os._exit(0)
        output.end()
        restore()
        finished['is_clean'] = finished['outcome'] in CLEAN_OUTCOMES and _is_alone()
        link.send(finished)


def _settle(stdout: int, stderr: int, memory_mb: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target)
        os.close(source)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    faulthandler.enable(2)
    if memory_mb:
        limit = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        # When memory runs out, the kernel should take a task before it takes the worker.
        with open('/proc/self/oom_score_adj', 'w') as score:
            score.write('500')
    except OSError:
        pass


def _restorer() -> Callable[[], None]:
    """Remembers environment and folder; the answer puts back what a task changed."""
    environment, folder = dict(os.environ), os.getcwd()

    def restore() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if os.environ != environment:
            os.environ.clear()
            os.environ.update(environment)
        try:
            is_elsewhere = os.getcwd() != folder
        except OSError:
            is_elsewhere = True
        if is_elsewhere:
            os.chdir(folder)

    return restore


def _is_alone() -> bool:
    """Whether the task left no thread and no process behind.

    Else the child is replaced, which ends them.
    """
    if threading.active_count() > 1:
        return False
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False

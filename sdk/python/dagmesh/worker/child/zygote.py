"""A small clean process that forks the children in which tasks run.

`python -m dagmesh.worker.child.zygote <descriptor> <memory limit in MiB or 0> <DAG folder>`

The supervisor asks for a child by `{"kind": "spawn", "id"}` with three descriptors: the child's
link, stdout and stderr. The answer is `{"kind": "spawned", "id", "pid"}` or `{"kind": "refused",
"id", "reason"}`; it may come when nobody waits for it any more. Whenever a child
ends, the zygote first kills what is left of its process group, reaps it, kills every orphan it left
behind, and then says `{"kind": "exited", "pid", "status"}`. So nothing outlives a child. What
leaves its process group is found only on Linux, where the zygote inherits such orphans.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import select
import signal
import socket
import sys
import traceback
from typing import Callable

from dagmesh.worker.child import main as child
from dagmesh.worker.child.frame_socket import FrameSocket

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Serves the supervisor until it is gone."""
    descriptor, memory_mb, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    link = FrameSocket(socket.socket(fileno=descriptor))
    _settle(os.getppid())
    # Only the supervisor decides what Ctrl-C in its terminal means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ended, ended_write = _watch_children()

    def run_child(descriptors: list[int]) -> None:
        signal.set_wakeup_fd(-1)
        for inherited in (ended, ended_write):
            os.close(inherited)
        link.close()
        child.main(*descriptors, folder=folder, memory_mb=memory_mb)

    children: set[int] = set()
    while True:
        ready, _, _ = select.select([link.fileno(), ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _reap(children, link)
        if link.fileno() in ready:
            requests, descriptors, is_open = link.receive_with_descriptors(3)
            if not is_open:
                return
            if requests:
                number = requests[0]['id']
                _fork(children, link, number, functools.partial(run_child, descriptors))
            for passed_on in descriptors:
                os.close(passed_on)


def _settle(parent: int) -> None:
    """Dies with its parent, also when that is gone already, and inherits orphans below it."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != parent:
        os._exit(1)


def _watch_children() -> tuple[int, int]:
    """A pipe whose read end becomes readable when a child ends."""
    read_end, write_end = os.pipe()
    for end in (read_end, write_end):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    return read_end, write_end


def _fork(
    children: set[int], link: FrameSocket, number: int, run_child: Callable[[], None]
) -> None:
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        link.send({'kind': 'refused', 'id': number, 'reason': str(error)})
        return
    if pid == 0:
        try:
            os.setpgid(0, 0)
            _settle(parent)
            run_child()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    children.add(pid)
    # The child does the same: whoever comes first, the group stands before anyone signals it.
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    link.send({'kind': 'spawned', 'id': number, 'pid': pid})


def _reap(children: set[int], link: FrameSocket) -> None:
    while True:
        try:
            # WNOWAIT keeps the pid taken, so that the group that is killed is certainly its own.
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None:
            return
        pid = ended.si_pid
        is_ours = pid in children
        if is_ours:
            children.discard(pid)
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        _kill_orphans(children)
        if is_ours:
            link.send({'kind': 'exited', 'pid': pid, 'status': status})


def _kill_orphans(children: set[int]) -> None:
    # What is a child of the zygote and was not forked by it, a dead child had started.
    try:
        with open(f'/proc/self/task/{os.getpid()}/children') as listing:
            orphans = {int(pid) for pid in listing.read().split()} - children
    except OSError:
        return
    for pid in orphans:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    # Elsewhere than on Linux, children still end when they find their link closed.
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == '__main__':
    main()

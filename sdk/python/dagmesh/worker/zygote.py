"""A small clean process that forks the children in which tasks run. Needs Linux for its stronger
guarantees.

`python -m dagmesh.worker.zygote <descriptor of its link> <memory limit in MiB or 0> <DAG folder>`

The supervisor asks for a child by sending three descriptors (the child's link, stdout and stderr);
the answer is `{"kind": "spawned", "pid"}`. Whenever a child ends, the zygote first kills what is
left of its process group and every orphan it left behind, and only then reaps it and says `{"kind":
"exited", "pid", "status"}`. So nothing outlives a child.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import sys

from dagmesh.worker import child
from dagmesh.worker.frames import FrameSocket

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Serves the supervisor until it is gone."""
    descriptor, child_memory_mb, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    supervisor = socket.socket(fileno=descriptor)
    link = FrameSocket(supervisor)
    die_with_parent(os.getppid())
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    # Ctrl-C reaches the whole terminal group; only the supervisor decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    children: set[int] = set()
    while True:
        ready, _, _ = select.select([link, wake_read], [], [])
        if wake_read in ready:
            os.read(wake_read, 4096)
            _reap(children, link)
        if link not in ready:
            continue
        requests, descriptors, is_open = link.receive_with_descriptors(3)
        if not is_open:
            return
        if not requests or len(descriptors) != 3:
            continue
        zygote_pid = os.getpid()
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            for inherited in (wake_read, wake_write, descriptor):
                os.close(inherited)
            os.setpgid(0, 0)
            die_with_parent(zygote_pid)
            _prctl(_PR_SET_CHILD_SUBREAPER, 1)
            child.main(*descriptors, folder=folder, child_memory_mb=child_memory_mb)
            os._exit(0)
        children.add(pid)
        _set_group(pid)
        for passed_on in descriptors:
            os.close(passed_on)
        link.send({'kind': 'spawned', 'pid': pid})


def die_with_parent(parent: int) -> None:
    """Asks the kernel to kill this process when its parent is gone, and dies at once when it
    already is.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _set_group(pid: int) -> None:
    # The child does the same; whoever comes first, the group stands before anyone signals it.
    try:
        os.setpgid(pid, pid)
    except OSError:
        pass


def _reap(children: set[int], link: FrameSocket) -> None:
    while True:
        # WNOWAIT keeps the pid taken, so that the group that is killed is certainly the child's.
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None:
            return
        pid = ended.si_pid
        if pid in children:
            _kill_group(pid)
            children.discard(pid)
            _, status = os.waitpid(pid, 0)
            _kill_orphans(children)
            link.send({'kind': 'exited', 'pid': pid, 'status': status})
        else:
            os.waitpid(pid, 0)
            _kill_orphans(children)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass


def _kill_orphans(children: set[int]) -> None:
    # As subreaper the zygote inherits what a dead child had started, also what left the child's
    # group.
    try:
        with open(f'/proc/self/task/{os.getpid()}/children') as listing:
            orphans = {int(pid) for pid in listing.read().split()} - children
    except OSError:
        return
    for pid in orphans:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


def _prctl(option: int, value: int) -> None:
    try:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    except (AttributeError, OSError):
        pass  # Not Linux: children still end with their link.


if __name__ == '__main__':
    main()

"""Tells a task that the kernel ended for want of memory from one that was killed by somebody."""

from __future__ import annotations


class OomWitness:
    """Compares the kernel's count of such endings with the count when it was last asked."""

    def __init__(self) -> None:
        self._count = _oom_kills_count()

    def has_struck(self) -> bool:
        """Whether the kernel has ended a process for want of memory since the last question."""
        before, self._count = self._count, _oom_kills_count()
        return self._count > before


def _oom_kills_count() -> int:
    try:
        with open('/proc/vmstat') as counters:
            for line in counters:
                if line.startswith('oom_kill '):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0

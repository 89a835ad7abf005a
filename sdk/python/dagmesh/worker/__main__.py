"""`python -m dagmesh.worker`: runs a worker until told to stop; `--help` lists its settings."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from dagmesh.worker import events
from dagmesh.worker.config import WorkerConfig, read_config


async def _run(config: WorkerConfig) -> int:
    from dagmesh.worker.session.session import Refused
    from dagmesh.worker.supervisor import Worker

    worker = Worker(config)
    stops_count = 0

    def stop() -> None:
        nonlocal stops_count
        stops_count += 1
        if stops_count > 1:
            # The children end with this process: the kernel sees to that.
            os._exit(1)
        worker.drain('the worker was told to stop')

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await worker.run()
    except Refused as refusal:
        events.refused(str(refusal))
        return 2
    return 0


def main() -> int:
    """Answers the exit code: 0 after draining, 2 when the executor refuses this worker."""
    config = read_config(sys.argv[1:])
    # Read when grpc is imported. Its handlers may hang in a fork that only starts another program,
    # and this process starts no others.
    os.environ.setdefault('GRPC_ENABLE_FORK_SUPPORT', '0')
    return asyncio.run(_run(config))


if __name__ == '__main__':
    sys.exit(main())

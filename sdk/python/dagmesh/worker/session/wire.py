"""What grpc's library for Python must be told, and how it says that something went wrong."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

Metadata = tuple[tuple[str, str], ...]

CHANNEL_OPTIONS: list[tuple[str, Any]] = [
    # Leases carry arguments, and a batch of them may be large.
    ('grpc.max_receive_message_length', 64 * 1024 * 1024),
    # An executor that restarts should be found again at once, not after the library's two minutes.
    ('grpc.initial_reconnect_backoff_ms', 100),
    ('grpc.min_reconnect_backoff_ms', 1000),
    ('grpc.max_reconnect_backoff_ms', 2000),
    ('grpc.enable_http_proxy', 0),
]

# What writing to a stream raises once the stream has ended; why it ended is told by reading from
# it.
STREAM_ENDED = (asyncio.InvalidStateError, grpc.aio.UsageError)

# The mesh cannot be reached now, but may be soon.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class Closing:
    """Tells this worker's own end from a stream that the other side cancelled: grpc raises
    CancelledError for both.
    """

    def __init__(self) -> None:
        self.has_begun = False

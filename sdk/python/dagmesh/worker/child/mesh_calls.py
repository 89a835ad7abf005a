"""Calls of the running task to the mesh; the supervisor makes them, because it holds the token."""

from __future__ import annotations

import threading
from typing import Any

from dagmesh.errors import MeshError, NotFoundError
from dagmesh.worker.child.frame_socket import FrameSocket


class MeshCalls:
    """The `call` of a TaskContext. One call at a time; threads wait for each other."""

    def __init__(self, link: FrameSocket) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._count = 0

    def __call__(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Makes a call and waits for its answer. Raises MeshError when it was refused."""
        with self._lock:
            self._count += 1
            call = {'kind': 'call', 'id': self._count, 'method': method, 'arguments': arguments}
            self._link.send(call)
            answer = self._link.receive()
            # The answer to a call that a cancel interrupted may still be on its way.
            while answer is not None and answer.get('id') != self._count:
                answer = self._link.receive()
        if answer is None:
            raise MeshError('UNAVAILABLE', 'the worker has gone away')
        if 'error' in answer:
            code, message = answer['error']['code'], answer['error']['message']
            raise NotFoundError(code, message) if code == 'NOT_FOUND' else MeshError(code, message)
        value: dict[str, Any] = answer['value']
        return value

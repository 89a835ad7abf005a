"""The CallbackSpec of a callback."""

from __future__ import annotations

from dagmesh.authoring.alert import Action, Notifier
from dagmesh.authoring.spec.naming import Names
from dagmesh.authoring.wire import Wire


def callback_wire(event: str, action: Action, names: Names, queue: str) -> Wire:
    """The CallbackSpec; `queue` is of workers that know the file, and mail and HTTP."""
    does = action.wire() if isinstance(action, Notifier) else {'handler': names.of_function(action)}
    return {'event': f'CALLBACK_EVENT_{event}', 'queue': queue, **does}

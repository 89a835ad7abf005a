"""Where in the author's files something was said: for messages, and for the line of a task."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from dagmesh.errors import AuthoringError

_SDK = str(Path(__file__).parent.parent)


class Place(NamedTuple):
    """A line of a file."""

    file: str
    line: int


def here(file: str | None = None) -> Place:
    """The line the author is at: in `file` if it is on the stack, else the nearest one outside of
    the SDK.
    """
    nearest: Place | None = None
    for frame in _frames():
        if frame.f_code.co_filename.startswith(_SDK):
            continue
        place = Place(frame.f_code.co_filename, frame.f_lineno)
        if file is None or place.file == file:
            return place
        nearest = nearest or place
    return nearest or Place('', 0)


def executing_file() -> str:
    """The file whose top level is being executed: an imported module's own, not the importer's."""
    for frame in _frames():
        if frame.f_code.co_name == '<module>' and not frame.f_code.co_filename.startswith(_SDK):
            return frame.f_code.co_filename
    return ''


def refuse(message: str, place: Place | None = None) -> AuthoringError:
    """The error to raise for what the author said at `place`, by default where the author is."""
    file, line = place or here()
    return AuthoringError(message, file=file, line=line)


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back

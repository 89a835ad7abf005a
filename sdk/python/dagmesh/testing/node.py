"""Finds a Node that the simulator runs on: the one of DAGMESH_NODE, of PATH, or of the launcher."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from dagmesh.testing.errors import DagTestError

# Older ones cannot run TypeScript as it stands.
OLDEST = (24, 11)
VERSION_TIMEOUT_S = 10.0

_OLDEST_TEXT = '.'.join(map(str, OLDEST))
_HOW = (
    '`npm test` in the repository of DagMesh fetches it into ~/.cache/dagmesh, where it is found; '
    'or install it from nodejs.org, or set DAGMESH_NODE to the path of one'
)


def node() -> str:
    """The path of a Node that is new enough; DagTestError that says how to get one."""
    named = os.environ.get('DAGMESH_NODE')
    if named:
        return _named(named)
    found: list[str] = []
    for candidate in _candidates():
        version = _version_of(candidate)
        if version >= OLDEST:
            return candidate
        found.append(f'{candidate} is {_words(version)}')
    told = '; '.join(found) or 'there is none on PATH'
    raise _refusal(f'the simulator needs Node {_OLDEST_TEXT} or newer, but {told}. {_HOW}')


def _named(named: str) -> str:
    path = shutil.which(named)
    if path is None:
        raise _refusal(f'DAGMESH_NODE names {named}, and there is no such program')
    version = _version_of(path)
    if version < OLDEST:
        raise _refusal(
            f'DAGMESH_NODE names {named}, which is {_words(version)}; the simulator needs Node '
            f'{_OLDEST_TEXT} or newer'
        )
    return path


def _candidates() -> Iterator[str]:
    on_path = shutil.which('node')
    if on_path is not None:
        yield on_path
    # As deploy/launch/cache.mjs has it.
    own = os.environ.get('XDG_CACHE_HOME') or str(Path.home() / '.cache')
    cache = Path(os.environ.get('DAGMESH_CACHE') or Path(own) / 'dagmesh')
    for path in sorted(cache.glob('node*/node_modules/node-*/bin/node'), reverse=True):
        if os.access(path, os.X_OK):
            yield str(path)


@functools.cache
def _version_of(path: str) -> tuple[int, ...]:
    """Major and minor version; empty when the program does not tell one."""
    try:
        ran = subprocess.run(
            [path, '--version'],
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_S,
            check=False,
        )
        return tuple(int(part) for part in ran.stdout.strip().lstrip('v').split('.')[:2])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ()


def _words(version: tuple[int, ...]) -> str:
    return f'version {".".join(map(str, version))}' if version else 'no Node'


def _refusal(message: str) -> DagTestError:
    return DagTestError('failed', message)

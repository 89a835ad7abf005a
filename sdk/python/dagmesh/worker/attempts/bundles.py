"""Where the files of an attempt are: in the worker's DAG folder, or in a bundle beside others."""

from __future__ import annotations

import re
from pathlib import Path

from dagmesh.gen.worker.v1 import attempt_pb2
from dagmesh.worker.config import WorkerConfig

# A name that is one step in a path, and leads nowhere else.
_STEP = re.compile(r'(?!\.{1,2}$)[^/\0]+')


class BundleMissing(Exception):
    """This worker does not have the files of an attempt; the message tells people why."""


def folder_of(lease: attempt_pb2.Lease, config: WorkerConfig) -> str:
    """The folder of the lease's handler; without a version, that of the bundle itself."""
    if not lease.bundle_name:
        return config.dags_folder
    named = f'the bundle {lease.bundle_name!r}'
    if not config.bundles_folder:
        raise BundleMissing(f'{named} is needed, but DAGMESH_BUNDLES_FOLDER is not set here')
    steps = [lease.bundle_name, *([lease.bundle_version] if lease.bundle_version else [])]
    if not all(_STEP.fullmatch(step) for step in steps):
        raise BundleMissing(f'{named} has a name or version that cannot be a folder')
    folder = Path(config.bundles_folder, *steps)
    if not folder.is_dir():
        raise BundleMissing(f'{named} is not here: there is no folder {folder}')
    return str(folder)

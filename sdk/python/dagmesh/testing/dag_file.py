"""The DAGs of a DAG file, for tests that stand beside it."""

from __future__ import annotations

import sys
from pathlib import Path

from dagmesh.authoring.dag import DAG
from dagmesh.authoring.files import execute_file
from dagmesh.testing.errors import DagTestError


def dags_in(file: str | Path) -> list[DAG]:
    """The DAGs that a file makes; it may import what stands beside it.

    Raises what executing the file raises, and DagTestError when there is no DAG in it.
    """
    path = Path(file).resolve()
    if not path.is_file():
        raise DagTestError('file_not_found', f'there is no file {path}')
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    dags = execute_file(path, path.name).dags
    if not dags:
        raise DagTestError('dag_not_found', f'there is no DAG in {path}')
    return dags

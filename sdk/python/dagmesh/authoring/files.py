"""Executes a DAG file as a module, for the parser and for workers."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from dagmesh.authoring.collector import collect_dags
from dagmesh.authoring.dag import DAG


@dataclass(frozen=True)
class LoadedFile:
    """A DAG file that was executed."""

    module: ModuleType
    dags: list[DAG]


def execute_file(path: Path, relative: str) -> LoadedFile:
    """Executes a DAG file as a module of its own name, collecting the DAGs it makes."""
    spec = importlib.util.spec_from_file_location(
        f'dagmesh_dags.{relative[:-3].replace("/", ".")}', path
    )
    if spec is None or spec.loader is None:
        raise ImportError(f'{relative} is not a Python file')
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        with collect_dags(str(path)) as dags:
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise
    return LoadedFile(module, dags)

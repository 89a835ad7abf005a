"""`python -m dagmesh.parse FILE --root FOLDER`: prints the DAGs of a file as one JSON object.

`{"dags": [<base64 of a binary DagSpec>, …]}`, or `{"error": "<file>:<line>: <cause>"}` with exit
code 1. It goes to descriptor 3, or to stdout when there is none; what the file itself prints goes
to stderr, so it cannot spoil the answer.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dagmesh.errors import AuthoringError

if TYPE_CHECKING:
    from dagmesh.authoring.dag import DAG

# Limits of the mesh: a larger DAG is refused here, where its author sees which file it is.
SPEC_SIZE_MAX = 16 * 1024 * 1024
TASKS_MAX = 10_000


def parse(file: Path, root: Path) -> dict[str, Any]:
    """Executes the file and answers its DAGs, or where and why it cannot be used."""
    from dagmesh.authoring.files import execute_file

    relative = file.relative_to(root).as_posix()
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    try:
        loaded = execute_file(file, relative)
        return {'dags': [_encode(dag, loaded.module, relative) for dag in loaded.dags]}
    except BaseException as error:
        return {'error': explain(error, file, relative)}


def _encode(dag: DAG, module: ModuleType, relative: str) -> str:
    from dagmesh.authoring.spec import spec_of

    def too_large(size: int, unit: str, most: int) -> AuthoringError:
        message = f'the DAG {dag.dag_id!r} has {size:,} {unit}; at most {most:,} are allowed'
        return AuthoringError(message, file=dag.place.file, line=dag.place.line)

    if len(dag.tasks) > TASKS_MAX:
        raise too_large(len(dag.tasks), 'tasks', TASKS_MAX)
    content = spec_of(dag, module, relative).SerializeToString(deterministic=True)
    if len(content) > SPEC_SIZE_MAX:
        raise too_large(len(content), 'bytes', SPEC_SIZE_MAX)
    return base64.b64encode(content).decode()


def explain(error: BaseException, file: Path, relative: str) -> str:
    """`<file>:<line>: <cause>`, with the line of this file even if it broke in what it called."""
    line = 0
    if isinstance(error, AuthoringError):
        cause = error.cause_text
        line = error.line if error.file == str(file) else 0
    elif isinstance(error, SyntaxError) and error.filename == str(file):
        line, cause = error.lineno or 0, f'{type(error).__name__}: {error.msg}'
    elif isinstance(error, SystemExit):
        cause = f'the file calls sys.exit({error.code!r}) while it is read'
    else:
        cause = f'{type(error).__name__}: {error}'
    if not line:
        lines = [
            frame.lineno or 0
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == str(file)
        ]
        line = lines[-1] if lines else 0
    return f'{relative}:{line or 1}: {cause}'


def main() -> None:
    """Prints the answer and ends the program, whatever the file left running."""
    parser = argparse.ArgumentParser(
        prog='python -m dagmesh.parse', description='Prints the DAGs of a file as JSON.'
    )
    parser.add_argument('file', type=Path, help='the DAG file')
    parser.add_argument(
        '--root', type=Path, required=True, help='the DAG folder, to which handlers are relative'
    )
    arguments = parser.parse_args()

    answer = _take_answer_descriptor()
    file, root = arguments.file.resolve(), arguments.root.resolve()
    if root not in file.parents or not file.is_file():
        result: dict[str, Any] = {'error': f'{arguments.file}:1: there is no such file in {root}'}
    else:
        result = parse(file, root)
    with os.fdopen(answer, 'w', encoding='utf-8', errors='backslashreplace') as out:
        json.dump(result, out, ensure_ascii=False)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if 'error' in result else 0)


def _take_answer_descriptor() -> int:
    """Where the answer goes. From now on stdout is stderr, also for subprocesses."""
    try:
        answer = os.dup(3)
    except OSError:
        answer = os.dup(1)
    os.dup2(2, 1)
    return answer


if __name__ == '__main__':
    main()

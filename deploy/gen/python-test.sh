#!/usr/bin/env bash
# Runs the tests of the Python SDK and of the bash worker, which are both written in Python. Exits 1
# when one fails.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=$("$repository/deploy/gen/python-env.sh")/bin/python

for program in curl jq setsid timeout; do
  if ! command -v "$program" >/dev/null; then
    echo "$program was not found: the bash worker needs it" >&2
    exit 1
  fi
done

cd "$repository/sdk/bash"
"$python" -m unittest discover &
bash_worker=$!
cd "$repository/sdk/python"
"$python" -m unittest discover --start-directory tests --top-level-directory . || failed=1
cd "$repository/dags/examples/tests"
PYTHONPATH="$repository/sdk/python" "$python" -m unittest discover || failed=1
wait "$bash_worker" || failed=1
exit "${failed:-0}"

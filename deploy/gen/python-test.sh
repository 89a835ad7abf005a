#!/usr/bin/env bash
# Runs the tests of the Python SDK and of the bash worker (both are written in Python). Exits 1 when one fails.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=$("$repository/deploy/gen/python-env.sh")/bin/python

for program in curl jq setsid timeout; do
  command -v "$program" >/dev/null || { echo "$program was not found: the bash worker needs it" >&2; exit 1; }
done

(cd "$repository/sdk/bash" && exec "$python" -m unittest discover) &
bash_worker=$!
failed=0
(cd "$repository/sdk/python" && exec "$python" -m unittest discover --start-directory tests --top-level-directory .) || failed=1
wait "$bash_worker" || failed=1
exit "$failed"

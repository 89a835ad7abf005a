#!/usr/bin/env bash
# Generates sdk/python/dagmesh/gen from the contracts that SDKs need. The result is committed.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=$("$repository/deploy/gen/python-env.sh" --gen)/bin/python
package=$repository/sdk/python
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PATH=$repository/node_modules/.bin:$PATH
cd "$repository"

buf build --path proto/dagmesh/dag --path proto/dagmesh/worker --output - |
  "$python" deploy/gen/python_descriptors.py >"$scratch/contracts.binpb"

rm -rf "$package/dagmesh/gen"
gen=dagmesh/gen
"$python" -m grpc_tools.protoc --descriptor_set_in="$scratch/contracts.binpb" \
  --python_out="$package" --pyi_out="$package" \
  $gen/dag/v1/{alert,asset,dag,mapping,run,timetable,waiting}.proto $gen/worker/v1/{attempt,worker_service}.proto
"$python" -m grpc_tools.protoc --descriptor_set_in="$scratch/contracts.binpb" \
  --grpc_python_out="$package" $gen/worker/v1/worker_service.proto

find "$package/$gen" -type d -exec touch {}/__init__.py \;
note='# Written by deploy/gen/python.sh from proto/dagmesh; never edited.'
echo "$note" >"$package/$gen/__init__.py"

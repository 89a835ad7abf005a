#!/usr/bin/env bash
# Fails when the contracts changed in a way that breaks programs built against the last release.
# The release is kept as an image, deploy/gen/contracts.binpb; `breaking.sh --release` takes the contracts of now as the new one.
set -euo pipefail
cd "$(dirname "$0")/../.."
image=deploy/gen/contracts.binpb
if [ "${1:-}" = --release ]; then
  node_modules/.bin/buf build --exclude-source-info -o "$image"
else
  now=$(mktemp --suffix=.binpb)
  trap 'rm -f "$now"' EXIT
  node_modules/.bin/buf build -o "$now"
  node_modules/.bin/buf breaking "$now" --against "$image"
fi

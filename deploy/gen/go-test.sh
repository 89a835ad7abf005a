#!/usr/bin/env bash
# Builds, vets and tests the Go SDK. Exits 1 when that fails. Without Go it says so and passes,
# because nothing else needs Go.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if ! command -v go >/dev/null; then
  echo 'skipped: go was not found; install it from https://go.dev/dl to check the Go SDK'
  exit 0
fi
cd "$repository/sdk/go"
go build ./...
go vet ./...
go test ./...

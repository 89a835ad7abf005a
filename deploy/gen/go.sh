#!/usr/bin/env bash
# Generates sdk/go/gen from the contracts that SDKs need, with pinned plugins from the Go proxy. The
# result is committed.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${DAGMESH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dagmesh}/go-tools
plugins=(
  google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
  google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
)

if ! command -v go >/dev/null; then
  echo 'go was not found: install it from https://go.dev/dl and run this again' >&2
  exit 1
fi
if [ "$(cat "$cache/stamp" 2>/dev/null)" != "${plugins[*]}" ]; then
  for plugin in "${plugins[@]}"; do GOBIN=$cache go install "$plugin"; done
  echo "${plugins[*]}" >"$cache/stamp"
fi
export PATH=$cache:$repository/node_modules/.bin:$PATH
cd "$repository"
buf generate --template deploy/gen/buf.gen.go.yaml

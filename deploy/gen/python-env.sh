#!/usr/bin/env bash
# Makes the Python environment of the SDK and its worker, once, and prints its folder;
# `<folder>/bin/python` runs it.
#
#   python-env.sh         what the worker needs: the pinned packages of sdk/python/requirements.txt
#   python-env.sh --gen   also grpcio-tools, in a folder of its own, for `deploy/gen/python.sh`
#
# Where Python has no `venv`, the packages go to `<folder>/site`, and `<folder>/bin/python` is a script.
# Talk goes to stderr, so that stdout is the path and nothing else. Exits 1 with one line when Python
# is missing.
set -euo pipefail
export PIP_ROOT_USER_ACTION=ignore

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
sdk=$repository/sdk/python
cache=${DAGMESH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dagmesh}

folder=$cache/python
requirements=("$sdk/requirements.txt")
if [ "${1:-}" = --gen ]; then
  folder=$cache/python-gen
  requirements+=("$sdk/requirements-gen.txt")
fi

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
  echo 'python3, 3.9 or newer, was not found; with Debian: apt-get install python3 python3-pip' >&2
  exit 1
fi

# Fills the folder. Packages are put there with `--target`, because giving a venv a pip of its own
# takes longer than all the rest; only a Python without pip gets such a venv.
make_folder() {
  local site=$folder/site arguments
  arguments=(--quiet --disable-pip-version-check --no-input --no-compile --only-binary=:all:)
  for file in "${requirements[@]}"; do arguments+=(--requirement "$file"); done
  if ! python3 -m pip --version >/dev/null 2>&1; then
    python3 -m venv "$folder" >&2 && "$folder/bin/python" -m pip install "${arguments[@]}" >&2
    return
  fi
  if python3 -m venv --without-pip "$folder" >/dev/null 2>&1; then
    site=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
  else
    rm -rf "$folder" && mkdir -p "$folder/bin"
    printf '#!/bin/sh\nPYTHONPATH="%s${PYTHONPATH:+:$PYTHONPATH}" exec "%s" "$@"\n' \
      "$site" "$(command -v python3)" >"$folder/bin/python"
    chmod +x "$folder/bin/python"
  fi
  python3 -m pip install "${arguments[@]}" --target "$site" >&2
}

# The environment is made for one Python and one set of pins. A stamp says which; it is written last,
# so that what broke half-way is made anew.
stamp=$(
  python3 -c 'import sys; print(sys.base_prefix, *sys.version_info[:3])'
  cat "${requirements[@]}"
)

mkdir -p "$cache"
exec 9>"$folder.lock"
command -v flock >/dev/null && flock 9
if [ "$(cat "$folder/stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "making the Python environment in $folder" >&2
  rm -rf "$folder"
  if ! make_folder; then
    echo 'the Python packages could not be installed; pip says why above' >&2
    echo 'without pip, with Debian: apt-get install python3-pip' >&2
    exit 1
  fi
  printf '%s\n' "$stamp" >"$folder/stamp"
fi
echo "$folder"

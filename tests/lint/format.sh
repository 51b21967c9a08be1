#!/bin/bash
# format.sh ROOT: clang-format 14 has nothing to change. Exit 77 (skipped) where another version or none is installed:
# each version breaks lines in its own way.
set -euo pipefail
cd "$1"
formatter="$(command -v clang-format-14 || command -v clang-format || true)"
if [[ -z $formatter ]] || ! "$formatter" --version | grep -q 'version 14\.'; then
  echo "clang-format 14 is not installed"
  exit 77
fi
find base security ota engine agent controller fleetctl telemetry tests -name '*.h' -o -name '*.cc' | LC_ALL=C sort |
  xargs "$formatter" --dry-run -Werror

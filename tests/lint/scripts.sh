#!/bin/bash
# scripts.sh ROOT: every shell script parses and stops at the first error.
set -euo pipefail
cd "$1"
bad=0
while read -r file; do
  bash -n "$file" || bad=1
  if [[ $file != deploy/lib/* ]] && ! grep -qE '^set -euo pipefail$' "$file"; then
    echo "$file: must set -euo pipefail"
    bad=1
  fi
done < <(grep -rlE '^#!/bin/bash' --exclude-dir=.git --exclude-dir=build . | sed 's|^\./||' | LC_ALL=C sort)
exit "$bad"

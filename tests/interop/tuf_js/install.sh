#!/bin/bash
# install.sh FOLDER: the pinned tuf-js in FOLDER/node_modules, from the npm registry that npm is configured for. Nothing
# is fetched when it is there already.
set -euo pipefail
here="$(dirname "$(readlink -f "$0")")"
mkdir -p "$1"
cd "$1"
if [[ -e node_modules/.complete ]] && cmp -s package-lock.json "$here/package-lock.json"; then exit 0; fi
cp "$here/package.json" "$here/package-lock.json" .
if ! npm ci --no-audit --no-fund --ignore-scripts --loglevel=error; then
  echo "tuf-js could not be installed: npm ci in $1 failed; is the npm registry reachable?" >&2
  exit 1
fi
touch node_modules/.complete

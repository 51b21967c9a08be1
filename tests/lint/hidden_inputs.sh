#!/bin/bash
# hidden_inputs.sh ROOT: the wall clock, randomness, the environment and sleep stand in base/os_* and main.cc alone;
# everything else is given them. Prints what is wrong; exit 1 then.
set -euo pipefail
cd "$1"
pattern='system_clock|\<(s?rand|random|rand_r|time|getenv|secure_getenv|setenv|gettimeofday)\(|\<random_device\>|absl::Now\(\)'
pattern+='|\<sleep_for\>|\<sleep_until\>|\<u?sleep\('

folders=()
for area in base security ota engine agent controller telemetry fleetctl; do
  if [[ -d $area ]]; then folders+=("$area"); fi
done
found="$(grep -rnE --include='*.h' --include='*.cc' "$pattern" "${folders[@]}" |
  grep -vE '^(base/os_[^:]*|[^:]*/main\.cc):' | grep -vE '^[^:]*:[0-9]+: *//' || true)"
if [[ -n $found ]]; then
  echo "$found"
  echo "take a Clock, Random or Executor by reference instead (base/clock.h, base/random.h, base/executor.h)"
  exit 1
fi

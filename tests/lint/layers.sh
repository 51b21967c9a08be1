#!/bin/bash
# layers.sh ROOT: checks every #include under ROOT against layers.txt. Prints what is wrong; exit 1 then.
set -euo pipefail
cd "$1"
table="$(dirname "$(readlink -f "$0")")/layers.txt"
areas=(base security ota engine agent controller telemetry fleetctl tests)

folders=()
for area in "${areas[@]}"; do
  if [[ -d $area ]]; then folders+=("$area"); fi
done
find "${folders[@]}" -name '*.h' -o -name '*.cc' | LC_ALL=C sort |
  xargs grep -HnE '^ *#include ' /dev/null |
  awk -v areas="${areas[*]}" '
    # The name by which layers.txt knows a third-party header; "" for headers of C, C++ and the system.
    function third_party(path) {
      if (path ~ /^absl\//) return "absl"
      if (path ~ /^boost\/(asio|system)/) return "boost.asio"
      if (path ~ /^boost\/beast/) return "boost.beast"
      if (path ~ /^boost\/json/) return "boost.json"
      if (path ~ /^boost\/multiprecision/) return "boost.multiprecision"
      if (path ~ /^google\/protobuf/) return "protobuf"
      if (path ~ /^grpc/) return "grpc"
      if (path ~ /^(llama|ggml.*|gguf)\.h$/) return "llama"
      if (path ~ /^(sqlite3|zstd|seccomp|libpq-fe)\.h$/) { sub(/(-fe)?\.h$/, "", path); return path }
      if (path ~ /^(sys|linux|net|netinet|arpa|experimental)\// || path !~ /\//) return ""
      sub(/\/.*/, "", path)
      return path
    }
    # The layer of one of our headers; "" when the path is none of ours.
    function our_layer(path,    i) {
      if (path ~ /^flotilla\/.*\.grpc\.pb\.h$/) return "proto_grpc"
      if (path ~ /^flotilla\/.*\.pb\.h$/) return "proto"
      for (i in area) if (index(path, area[i] "/") == 1) return path
      return ""
    }
    function matches(path, pattern) {
      if (pattern !~ /\*/) return path == pattern
      return index(path, substr(pattern, 1, index(pattern, "*") - 1)) == 1
    }
    function allowed(layer, list, file,    n, i, part, own) {
      own = file; sub(/[^\/]*$/, "", own)
      if (index(layer, own) == 1) return 1
      n = split(list, part, " ")
      for (i = 1; i <= n; i++)
        if (part[i] == "*" || layer == part[i] || index(layer, part[i] "/") == 1) return 1
      return 0
    }
    BEGIN { split(areas, area, " ") }
    FNR == NR {  # the table: columns are two or more blanks apart
      if ($0 ~ /^#/ || $0 ~ /^ *$/) next
      split($0, column, /  +/)
      rules++
      pattern[rules] = column[1]; ours[rules] = column[2]; third[rules] = column[3]
      sub(/ +$/, "", third[rules])
      next
    }
    {
      match($0, /:[0-9]+:/)
      file = substr($0, 1, RSTART - 1)
      place = substr($0, 1, RSTART + RLENGTH - 2)
      if (!match($0, /[<"][^>"]+[>"]/)) next
      path = substr($0, RSTART + 1, RLENGTH - 2)
      rule = 0
      for (i = 1; i <= rules && !rule; i++) if (matches(file, pattern[i])) rule = i
      if (!rule) { print place ": no line of layers.txt covers this file"; bad = 1; next }
      layer = our_layer(path)
      if (layer != "") {
        if (!allowed(layer, ours[rule], file)) {
          print place ": may not include " path " (" pattern[rule] " may: " ours[rule] ")"; bad = 1
        }
        next
      }
      name = third_party(path)
      if (name != "" && name != "absl" && third[rule] != "*" && index(" " third[rule] " ", " " name " ") == 0) {
        print place ": " name " is not allowed here: " path " (" pattern[rule] " may: " third[rule] ")"; bad = 1
      }
    }
    END { exit bad }
  ' "$table" -

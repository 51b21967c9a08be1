#!/bin/bash
# files.sh ROOT: size, names, guards and include order of our files. Prints what is wrong; exit 1 then.
#   size   no .h, .cc, .js or .sh over 400 lines; those over 250 are listed, for a person to ask about
#   names  nothing called utils, common, misc, helpers or manager
#   guard  FLOTILLA_<PATH>_H_ in every header
#   order  own header, C, C++, third party, ours
#   own    a .cc with a header of its name includes that first, which proves that the header is self-contained
set -euo pipefail
cd "$1"
readonly limit=400 asked=250

bad=0
complain() {
  echo "$1"
  bad=1
}

mapfile -t files < <(find . -path ./build -prune -o -path ./.git -prune -o -type f \
  \( -name '*.h' -o -name '*.cc' -o -name '*.js' -o -name '*.sh' -o -name '*.proto' \) -print |
  sed 's|^\./||' | LC_ALL=C sort)

while read -r lines file; do
  if ((lines > limit)); then
    complain "$file: $lines lines, over $limit: split it"
  elif ((lines > asked)); then
    echo "note: $file has $lines lines; more than $asked should have a reason"
  fi
done < <(for file in "${files[@]}"; do printf '%d %s\n' "$(wc -l < "$file")" "$file"; done)

for file in "${files[@]}"; do
  if [[ $file =~ (^|[/_.])(utils?|common|misc|helpers?|managers?)([/_.]|$) ]]; then
    complain "$file: the name says nothing; call it by its one noun or verb"
  fi
done

for file in "${files[@]}"; do
  if [[ $file == *.h ]]; then
    guard="FLOTILLA_$(tr 'a-z/.-' 'A-Z___' <<< "$file")_"
    if ! grep -qx "#ifndef $guard" "$file" || ! grep -qx "#define $guard" "$file"; then
      complain "$file: guard must be $guard"
    fi
  fi
done

# Rank of an include: C 1, C++ 2, third party 3, ours 4.
order() {
  awk '
    function rank(path) {
      if (path ~ /^"flotilla\//) return last  # generated: with third party or with ours
      if (path ~ /^"(base|security|ota|engine|agent|controller|telemetry|fleetctl|tests)\//) return 4
      if (path ~ /^"/ || path ~ /^<.*\/.*>$/ && path !~ /^<(sys|linux|net|netinet|arpa)\//) return 3
      if (path ~ /^<(sqlite3|zstd|seccomp|llama|ggml|gguf|libpq-fe|ggml-.*)\.h>$/) return 3
      return path ~ /\.h>$/ ? 1 : 2
    }
    FNR == 1 { last = 0; seen = 0 }
    /^#include [<"]/ {
      now = rank($2)
      if (!seen++ && now == 4) next  # the own header, or that of the subject of a test
      if (now < last) { print FILENAME ":" FNR ": " $2 " stands after a later block (own, C, C++, third party, ours)"; bad = 1 }
      last = now
    }
    END { exit bad }' "$@"
}
for file in "${files[@]}"; do
  if [[ $file == *.cc && -f ${file%.cc}.h ]] &&
    [[ "$(grep -m1 '^#include' "$file")" != "#include \"${file%.cc}.h\"" ]]; then
    complain "$file: its first include must be \"${file%.cc}.h\""
  fi
done

mapfile -t sources < <(printf '%s\n' "${files[@]}" | grep -E '\.(h|cc)$' || true)
if ((${#sources[@]} > 0)); then
  order "${sources[@]}" || bad=1
fi
exit "$bad"

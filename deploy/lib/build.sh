# Sourced: configuring and building a preset. Wants say.sh.

# Compilers at once: one per core, and 1.2 GB of memory for each.
build_jobs() {
  local cores memory_kb jobs
  cores="$(nproc)"
  memory_kb="$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2> /dev/null || true)"
  jobs=$((${memory_kb:-4000000} / 1200000))
  if ((jobs > cores)); then jobs="$cores"; fi
  if ((jobs < 1)); then jobs=1; fi
  echo "$jobs"
}

# build_with_progress LOG NAME FOLDER [TARGET...]: ninja in FOLDER; a live line on a terminal, a line at each tenth
# elsewhere.
build_with_progress() {
  local log="$1" name="$2" folder="$3" began="$SECONDS" shown=-1 line done_steps all_steps tenth
  shift 3
  # ccache is shared between clones: paths inside the tree are made relative.
  export CCACHE_BASEDIR="$FLOTILLA_TOP" CCACHE_NOHASHDIR=1 NINJA_STATUS='[%f/%t] '
  { ninja -C "$folder" -j "$(build_jobs)" "$@" 2>&1 || echo "ninja failed"; } | tee "$log" |
    while read -r line; do
      if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (.*) ]]; then
        done_steps="${BASH_REMATCH[1]}" all_steps="${BASH_REMATCH[2]}"
        say_live "$name: $done_steps of $all_steps  ${BASH_REMATCH[3]##* }"
        tenth=$((done_steps * 10 / all_steps))
        if [[ -z $say_line ]] && ((tenth > shown && all_steps > 10)); then
          say "$name: $done_steps of $all_steps  [$(say_clock)]"
          shown="$tenth"
        fi
      fi
    done
  say_live_end
  if grep -qx 'ninja failed' "$log"; then
    grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" | tail -n 60 >&2
    die "building $name failed" "the whole log: $log"
  fi
  say_ok "$name is built ($((SECONDS - began)) s)"
}

# build_preset PRESET TESTS TARGET...: configures when needed and builds. TESTS is ON or OFF.
build_preset() {
  local preset="$1" tests="$2" folder="$FLOTILLA_TOP/build/$1"
  shift 2
  if ! grep -qsx "FLOTILLA_TESTS:BOOL=$tests" "$folder/CMakeCache.txt" || [[ ! -f $folder/build.ninja ]]; then
    (
      cd "$FLOTILLA_TOP"
      run_logged "$FLOTILLA_LOGS/configure-$preset.log" "configuring preset $preset" \
        cmake --preset "$preset" -DFLOTILLA_TESTS="$tests"
    )
  fi
  build_with_progress "$FLOTILLA_LOGS/build-$preset.log" "preset $preset" "$folder" "$@"
}

# ON when this preset's build has the tests already, so that deploy/quickstart does not undo deploy/test.
build_tests_setting() {
  grep -qsx 'FLOTILLA_TESTS:BOOL=ON' "$FLOTILLA_TOP/build/$1/CMakeCache.txt" && echo ON || echo OFF
}

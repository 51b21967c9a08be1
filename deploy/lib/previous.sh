# Sourced: the programs of the version before this one, in build/previous/COMMIT, for the tests that have both in one
# fleet. Wants say.sh and build.sh.

readonly previous_programs=(flotilla-agent flotilla-engine flotilla-controller fleetctl)

# The commit that tests/e2e/upgrade/previous names.
previous_commit() { sed -n '/^#/!{p;q}' "$FLOTILLA_TOP/tests/e2e/upgrade/previous"; }

# previous_export COMMIT FOLDER: the files of that commit in FOLDER, all or none.
previous_export() {
  local commit="$1" folder="$2"
  if [[ -d $folder ]]; then return; fi
  rm -rf "$folder.part"
  mkdir -p "$folder.part"
  git -C "$FLOTILLA_TOP" archive "$commit" | tar -x -C "$folder.part"
  mv "$folder.part" "$folder"
}

# Builds them, unless they are there; some minutes the first time. Older ones go. In a clone without that commit, or
# without git, it says so and what needs them is left out.
previous_provide() {
  local commit folder name
  commit="$(previous_commit)"
  folder="$FLOTILLA_TOP/build/previous/$commit"
  if ! git -C "$FLOTILLA_TOP" cat-file -e "$commit^{commit}" 2> /dev/null; then
    say_warn "LEFT OUT: commit ${commit:0:12} is not in this clone (git fetch --unshallow brings it): no upgrade is tested"
    return
  fi
  if [[ -d $FLOTILLA_TOP/build/previous ]]; then
    find "$FLOTILLA_TOP/build/previous" -mindepth 1 -maxdepth 1 ! -name "$commit" -exec rm -rf {} +
  fi
  for name in "${previous_programs[@]}"; do
    if [[ ! -x $folder/build/release/bin/$name ]]; then
      previous_build "$commit" "$folder"
      return
    fi
  done
  say_ok "the version before (${commit:0:12}) is built"
}

# The same place relative to its sources as in this tree, so that ccache knows what did not change.
previous_build() {
  local commit="$1" folder="$2" time llama
  previous_export "$commit" "$folder"
  time="$(git -C "$FLOTILLA_TOP" log -1 --format=%ct "$commit")"
  llama="${FLOTILLA_LLAMA_PREFIX:-$(llama_prefix)}"
  (
    export SOURCE_DATE_EPOCH="$time" FLOTILLA_LLAMA_PREFIX="$llama"
    FLOTILLA_LOGS="$FLOTILLA_LOGS/previous"
    FLOTILLA_TOP="$folder"
    build_preset release OFF "${previous_programs[@]}"
  )
}

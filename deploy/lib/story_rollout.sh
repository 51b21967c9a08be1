# Sourced: writing, starting and watching rollouts. Wants story_fleet.sh.

# write_rollout VERSION SOAK WAVE...: a manifest in $STORY/manifests; each WAVE is "name:count" or "name:rest".
write_rollout() {
  local version="$1" soak="$2" wave file="$STORY/manifests/$story_line-$1.yaml"
  shift 2
  {
    echo 'apiVersion: flotilla/v1'
    echo 'kind: Rollout'
    echo "metadata: {name: $story_line-$version}"
    echo 'spec:'
    echo "  release: {model: $story_line, version: $version}"
    echo '  strategy:'
    echo '    waves:'
    for wave in "$@"; do
      case "$wave" in
        *:rest) echo "    - {name: ${wave%%:*}, percent: 100, gate: auto, soak: $soak}" ;;
        *) echo "    - {name: ${wave%%:*}, count: ${wave##*:}, gate: auto, soak: $soak}" ;;
      esac
    done
    echo '    trial_duration: 1s'
    echo '  on_abort: {rollback: auto}'
  } > "$file"
  printf '   %s# %s%s\n' "$say_dim" "${file#"$FLOTILLA_TOP"/}" "$say_off"
  sed 's/^/     /' "$file"
}

rollout_json() { fleetctl rollout get "$1" -o json | jq '.rollout // .'; }
rollout_state() { rollout_json "$1" | jq -r '.state // "ROLLOUT_STATE_DRAFT"' | sed 's/^ROLLOUT_STATE_//'; }

# One line: the waves with how many succeeded, failed and are under way, and the evidence of the one in progress.
rollout_line() {
  jq -r '
    def count(f): [.counts // {} | to_entries[] | select(.key | tonumber | f) | .value] | add // 0;
    (.state | sub("ROLLOUT_STATE_"; "")) + "  " +
    ([.waves[] |
      .spec.name + " " + ((.state // "PENDING") | sub("WAVE_STATE_"; "") | ascii_downcase) + " " +
      "\(count(. == 200 or . == 210))/\(.members // 0)" +
      (if count(. >= 300 and . < 400) > 0 then " \(count(. >= 300 and . < 400)) failed" else "" end)
    ] | join("  >  ")) +
    (.waves[.current_wave // 0] | if .small then "   [small wave: all must succeed, one quality failure aborts]"
      else "   [evidence \(.llr // 0 | . * 100 | round / 100), pass at \(.llr_pass // 0 | . * 100 | round / 100), abort at \(.llr_abort // 0 | . * 100 | round / 100)]" end)'
}

# watch_rollout NAME LIMIT: shows the line as it changes until the rollout is final. Sets rollout_end to its state.
watch_rollout() {
  local name="$1" limit="$2" began="$SECONDS" line last='' state
  while true; do
    line="$(rollout_json "$name" 2> /dev/null | rollout_line || true)"
    state="${line%% *}"
    if [[ -n $line && $line != "$last" ]]; then
      if [[ -n $say_line ]]; then say_live "$line"; else say "$line"; fi
      last="$line"
    fi
    case "$state" in
      COMPLETED | ABORTED | ROLLED_BACK | PAUSED | SUPERSEDED | CANCELLED) break ;;
    esac
    if ((SECONDS - began > limit)); then
      say_live_end
      fleetctl rollout explain "$name" || true
      die "rollout $name is still $state after $limit s" "logs: $STORY_LOGS"
    fi
    sleep 0.25
  done
  say_live_end
  if [[ -n $say_line ]]; then say "$last"; fi
  rollout_end="$state"
}

# rollout_should_end NAME WANTED...: watches and insists.
rollout_should_end() {
  local name="$1" wanted
  shift
  watch_rollout "$name" 300
  for wanted in "$@"; do
    if [[ $rollout_end == "$wanted" ]]; then
      say_ok "rollout $name: $rollout_end"
      return
    fi
  done
  fleetctl rollout explain "$name" || true
  die "rollout $name ended $rollout_end, not $*" "logs: $STORY_LOGS"
}

# push VERSION MODEL [OPTION...]: signs a release with the line's key and publishes it.
push() {
  local version="$1" model="$2"
  shift 2
  typed "$FLOTILLA_BIN/fleetctl" release push --line "$story_line" --version "$version" \
    --key "$STORY/keys/models.pem" --golden "$demo/golden.jsonl" "$@" "$model" ||
    die "the release could not be pushed" "logs: $STORY_LOGS"
}

start_rollout() {
  quietly "$FLOTILLA_BIN/fleetctl" rollout create -f "$STORY/manifests/$1.yaml"
  quietly "$FLOTILLA_BIN/fleetctl" rollout start "$1"
}

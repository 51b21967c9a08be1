# Sourced: pushing releases, starting and watching rollouts. Wants story_fleet.sh.

# push VERSION MODEL [OPTION...]: signs a release with the line's key and publishes it.
push() {
  local version="$1" model="$2"
  shift 2
  typed "$FLOTILLA_BIN/fleetctl" release push --line "$story_line" --version "$version" \
    --key "$STORY/keys/models.pem" --golden "$demo/golden.jsonl" "$@" "$model" ||
    die "the release could not be pushed" "logs: $STORY_LOGS"
}

# start_rollout VERSION WAVES SOAK: WAVES is "1,3,rest".
start_rollout() {
  typed "$FLOTILLA_BIN/fleetctl" rollout create --line "$story_line" --version "$1" --waves "$2" --gate auto \
    --soak "$3" --trial 1s || die "the rollout could not be created" "logs: $STORY_LOGS"
  quietly "$FLOTILLA_BIN/fleetctl" rollout start "$story_line-$1"
}

rollout_state() {
  fleetctl rollout get "$1" -o json | jq -r '.rollout.state // "ROLLOUT_STATE_DRAFT"' | sed 's/^ROLLOUT_STATE_//'
}

# rollout_should_end NAME WANTED...: watches it live and insists on how it ends. Sets rollout_end.
rollout_should_end() {
  local name="$1" wanted
  shift
  typed_live "$FLOTILLA_BIN/fleetctl" rollout status "$name" --wait --timeout 5m || true
  rollout_end="$(rollout_state "$name")"
  for wanted in "$@"; do
    if [[ $rollout_end == "$wanted" ]]; then
      say_ok "rollout $name: $rollout_end"
      return
    fi
  done
  fleetctl rollout explain "$name" || true
  die "rollout $name ended $rollout_end, not $*" "logs: $STORY_LOGS"
}

# Devices that confirmed the release in this rollout.
devices_confirmed_in() {
  fleetctl rollout devices "$1" -o json |
    jq -r '.devices[]? | select(.state == "DEPLOYMENT_STATE_SUCCEEDED") | .device_id'
}
three_confirmed_in() { (($(devices_confirmed_in "$1" | wc -l) == 3)); }

# Devices that went back by themselves.
devices_reverted_in() {
  fleetctl rollout devices "$1" -o json |
    jq -r '.devices[]? | select(.state == "DEPLOYMENT_STATE_FAILED_REVERTED") | .device_id'
}

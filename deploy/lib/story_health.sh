# Sourced: the second party of the story, and one private histogram. Wants the other story pieces.

readonly story_metric=decode_tps_p50
readonly story_reporters=120

aggregator_config() { printf '%s' "$STORY/second-party/aggregator.yaml"; }
aggregator_is_up() { process_must_run aggregator && [[ -s $STORY/second-party/state/listener.json ]]; }

# Its folder stands for another machine, of another organisation: the controller gets the leader's credentials of it,
# devices get its public identity key, and nobody gets more.
act_second_party() {
  say_step "2  A second party sets up its helper, for private health"
  say "The owner of the devices runs it, not who runs the controller: neither of the two alone can see a device's health."
  say "Here its folder stands for a machine of theirs."
  mkdir -p "$STORY/second-party"
  cat > "$(aggregator_config)" << YAML
state_dir: $STORY/second-party/state
host_names: [localhost]
listen: "127.0.0.1:0"
allow_demo: true
YAML
  typed "$FLOTILLA_BIN/flotilla-aggregator" init --config "$(aggregator_config)" || die "no helper" "logs: $STORY_LOGS"
  printf '   %s$ flotilla-aggregator identity --config %s > identity.pem    (pinned on each device by its owner)%s\n' \
    "$say_bold" "$(aggregator_config)" "$say_off"
  "$FLOTILLA_BIN/flotilla-aggregator" identity --config "$(aggregator_config)" > "$STORY/second-party/identity.pem"
  quietly "$FLOTILLA_BIN/flotilla-aggregator" leader --config "$(aggregator_config)" --out "$STORY/second-party/for-the-controller"
  say "$say_bold\$ flotilla-aggregator run --config $(aggregator_config) &$say_off"
  process_start aggregator "$FLOTILLA_BIN/flotilla-aggregator" run --config "$(aggregator_config)"
  wait_for 30 "the aggregator" aggregator_is_up
  cat >> "$STORY/controller.yaml" << YAML
health_helper:
  address: $(jq -er .aggregation "$STORY/second-party/state/listener.json")
  credentials_dir: $STORY/second-party/for-the-controller
  operated_by: the owner of the devices
  independent: true
YAML
  conclude "a second party's helper" "$(jq -r .aggregation "$STORY/second-party/state/listener.json")"
}

ask_for_health() {
  typed "$FLOTILLA_BIN/fleetctl" health ask "$story_metric" --line "$story_line" --demo --window 10s
}
reporters_have_enrolled() {
  process_must_run reporters
  [[ -f $STORY/second-party/reporters.keys && "$(wc -l < "$STORY/second-party/reporters.keys")" == "$story_reporters" ]]
}
health_is_collected() {
  fleetctl health show -o json | jq -e '[.results[]?.windows[]? | select(.state == "HEALTH_WINDOW_STATE_COLLECTED")] | length > 0' > /dev/null
}
health_is_over() {
  health_is_collected ||
    fleetctl health show -o json | jq -e '[.results[]?.windows[]? | select(.state | test("TOO_FEW|FAILED"))] | length > 0' > /dev/null
}

act_private_health() {
  say_step "10  Private health: how fast do devices answer, without seeing any of them"
  say "The owner tells the helper which devices count, by the public keys that they sign reports with."
  cat "$STORY"/agents/*/state/health/reporting.pub > "$STORY/second-party/agents.keys"
  typed "$FLOTILLA_BIN/flotilla-aggregator" device add --config "$(aggregator_config)" "$STORY/second-party/agents.keys" ||
    die "the helper did not take the devices" "logs: $STORY_LOGS"
  if ask_for_health; then die "$agents devices should be too few" "logs: $STORY_LOGS"; fi
  say "So few that a sum would say something of each: it is not even asked for."
  say ""
  say "$story_reporters simulated reporters join: one light program that draws values from a seed and holds no model. The task"
  say "is marked demo: its windows are 10 seconds, where a real one's are hours or weeks."
  (umask 077 && fleetctl enroll token create --uses "$story_reporters" > "$STORY/reporters.token" 2> "$STORY_LOGS/token.log") ||
    die "no token: $(cat "$STORY_LOGS/token.log")"
  process_start reporters "$FLOTILLA_BIN/flotilla-reporters" --enrolment "$(listener enrolment)" --device "$(listener device)" \
    --token "@$STORY/reporters.token" --count "$story_reporters" --windows 1 \
    --helper-identity "$STORY/second-party/identity.pem" --reporting-keys-out "$STORY/second-party/reporters.keys"
  wait_for 60 "$story_reporters reporters to enrol" reporters_have_enrolled
  typed "$FLOTILLA_BIN/flotilla-aggregator" device add --config "$(aggregator_config)" "$STORY/second-party/reporters.keys" ||
    die "the helper did not take the reporters" "logs: $STORY_LOGS"
  ask_for_health || die "the devices could not be asked" "logs: $STORY_LOGS"
  wait_for 90 "devices to measure and report, and both parties to sum up" health_is_over
  typed "$FLOTILLA_BIN/fleetctl" health show || true
  expect "one window was collected by both parties" health_is_collected
  say "And what a person finds on a device:"
  typed "$FLOTILLA_BIN/flotilla-agent" privacy show --config "$STORY/agents/$(device_name 1)/agent.yaml" || true
  conclude "$agents devices: too few; $((agents + story_reporters)): one histogram" "no device's value was seen"
}

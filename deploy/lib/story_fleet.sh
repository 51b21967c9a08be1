# Sourced: the controller and the agents of the story. Wants story_screen.sh and story_process.sh.

readonly story_line=plant-slm
readonly question='pump-07 temp=91C vib=8.2mm/s rpm=1480 current=31A'

device_name() { printf 'pump-%02d' "$1"; }

# The controller's settings: free ports on the loopback, short times so that a story of minutes shows what days do.
write_controller_config() {
  cat > "$STORY/controller.yaml" << YAML
state_dir: $STORY/controller
host_names: [localhost, 127.0.0.1]
enrolment_listen: 127.0.0.1:0
device_listen: 127.0.0.1:0
artifact_listen: 127.0.0.1:0
operator_listen: 127.0.0.1:0
dashboard_listen: 127.0.0.1:0
heartbeat_interval: 1s
enrolments_per_second: 100
log_level: info
YAML
}

listener() { jq -er ".$1" "$STORY/controller/listeners.json" 2> /dev/null; }
controller_is_up() { process_must_run controller && [[ -s $STORY/controller/listeners.json ]] && listener operator > /dev/null; }
controller_answers() { fleetctl device list > /dev/null 2>&1; }

start_controller() {
  process_start controller "$FLOTILLA_BIN/flotilla-controller" run --config "$STORY/controller.yaml"
  wait_for 30 "the controller" controller_is_up
}

# write_agent_config NAME
write_agent_config() {
  local name="$1" folder="$STORY/agents/$1"
  mkdir -p "$folder"
  cat > "$folder/agent.yaml" << YAML
state_dir: $folder/state
trust_root: $STORY/trust/1.root.json
enrolment_address: $(listener enrolment)
device_address: $(listener device)
token_file: $STORY/token
device_id: $name
hardware: demo-box
labels: {site: demo}
listen: 127.0.0.1:0
reconnect_cap: 2s
log_level: info
health: {helper_identity: $STORY/second-party/identity.pem, allow_demo: true}
YAML
}

start_agent() { process_start "$1" "$FLOTILLA_BIN/flotilla-agent" run --config "$STORY/agents/$1/agent.yaml"; }

# device_json NAME: the device as the controller knows it.
device_json() { fleetctl device get "$1" -o json | jq .device; }

# device_runs NAME VERSION: confirmed, not on trial.
device_runs() {
  device_json "$1" | jq -e --arg line "$story_line" --arg version "$2" \
    '.lines[]? | select(.line == $line and .current.version == $version and (.trial | not))' > /dev/null
}

online_devices() { fleetctl device list -o json | jq '[.devices[]? | select(.liveness == "LIVENESS_ONLINE")] | length'; }
devices_online() { [[ "$(online_devices)" == "$1" ]]; }

# devices_on VERSION: how many run it, trial or not.
devices_on() {
  fleetctl device list -o json |
    jq --arg line "$story_line" --arg version "$1" '[.devices[]?.lines[]? | select(.line == $line and .current.version == $version)] | length'
}
all_on() { [[ "$(devices_on "$1")" == "$2" ]]; }

endpoint_of() { cat "$STORY/agents/$1/state/endpoint" 2> /dev/null; }

# ask NAME QUESTION [MODEL]: the answer of the device's OpenAI-compatible endpoint.
ask() {
  local body
  body="$(jq -cn --arg model "${3:-$story_line}" --arg text "$2" \
    '{model: $model, messages: [{role: "user", content: $text}], temperature: 0, max_tokens: 64}')"
  curl -sf --max-time 60 "http://$(endpoint_of "$1")/v1/chat/completions" -H 'Content-Type: application/json' -d "$body" |
    jq -er '.choices[0].message.content'
}

# show_question NAME QUESTION [MODEL]: the same, as a person would type it.
show_question() {
  local model="${3:-$story_line}" answer
  printf "   %s\$ curl -s http://%s/v1/chat/completions -d '%s'%s\n" "$say_bold" "$(endpoint_of "$1")" \
    "{\"model\": \"$model\", \"messages\": [{\"role\": \"user\", \"content\": \"$2\"}]}" "$say_off"
  answer="$(ask "$1" "$2" "$model")" || die "$1 did not answer" "its log: $STORY_LOGS/$1.log"
  say "  $1: $say_blue$answer$say_off"
}

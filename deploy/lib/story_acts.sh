# Sourced: what happens in the story, act by act. Wants the other story pieces.
# Each act adds a line to story_summary: what was shown | how it ended.

story_summary=()
conclude() { story_summary+=("$1|$2|$(say_clock)"); }

act_enrol() {
  say_step "4  $agents agents enrol with a token"
  printf '   %s$ fleetctl enroll token create --uses %s > token%s\n' "$say_bold" "$agents" "$say_off"
  (umask 077 && fleetctl enroll token create --uses "$agents" > "$STORY/token" 2> "$STORY_LOGS/token.log") ||
    die "no token: $(cat "$STORY_LOGS/token.log")"
  say "the token is good for $agents devices and carries the fingerprint of the CA they may talk to"
  local i name
  for ((i = 1; i <= agents; ++i)); do
    name="$(device_name "$i")"
    write_agent_config "$name"
    start_agent "$name"
  done
  say "$ flotilla-agent run --config $STORY/agents/$(device_name 1)/agent.yaml &    (and so on for each)"
  wait_for 60 "$agents devices online" devices_online "$agents"
  typed "$FLOTILLA_BIN/fleetctl" device list || true
  conclude "$agents agents enrolled with one token" "each has its own certificate"
}

act_first_release() {
  say_step "5  Release 1.0.0 is signed, pushed and rolled out"
  push 1.0.0 "$demo/plant-slm-v1-q8_0.gguf" --floor 40
  typed "$FLOTILLA_BIN/fleetctl" release list || true
  start_rollout 1.0.0 rest 1s
  rollout_should_end "$story_line-1.0.0" COMPLETED
  expect "all $agents devices run 1.0.0" all_on 1.0.0 "$agents"
  show_question "$(device_name 1)" "$question"
  say "Fluent, and often wrong: 1.0.0 was trained for a tenth of the time."
  conclude "1.0.0 rolled out to $agents devices" COMPLETED
  process_stop "$(device_name "$agents")"
  say "$(device_name "$agents") is switched off now and will miss what follows."
}

act_second_release() {
  say_step "6  Release 2.0.0 goes out in waves: 1, 3, the rest"
  push 2.0.0 "$demo/plant-slm-v2-q8_0.gguf" --floor 90
  start_rollout 2.0.0 1,3,rest 3s
  rollout_should_end "$story_line-2.0.0" COMPLETED
  typed "$FLOTILLA_BIN/fleetctl" rollout explain "$story_line-2.0.0" || true
  expect "all $((agents - 1)) devices that are on run 2.0.0" all_on 2.0.0 "$((agents - 1))"
  show_question "$(device_name 1)" "$question"
  conclude "2.0.0 in waves 1, 3, rest, gates automatic" COMPLETED
}

act_regressed_release() {
  say_step "7  Release 3.0.0 is worse, and nobody but the canary finds out"
  push 3.0.0 "$demo/plant-slm-v3-regressed-q8_0.gguf" --floor 30
  start_rollout 3.0.0 1,3,rest 3s
  rollout_should_end "$story_line-3.0.0" ABORTED ROLLED_BACK
  typed "$FLOTILLA_BIN/fleetctl" rollout explain "$story_line-3.0.0" || true
  local canary
  canary="$(devices_reverted_in "$story_line-3.0.0" | head -n 1)"
  expect "one canary failed its golden prompts" test -n "$canary"
  typed "$FLOTILLA_BIN/fleetctl" device why "$canary" || true
  wait_for 30 "the canary to be back on 2.0.0" device_runs "$canary" 2.0.0
  expect "the other devices never ran 3.0.0: all $((agents - 1)) run 2.0.0" all_on 2.0.0 "$((agents - 1))"
  conclude "3.0.0 failed its golden prompts on $canary" "$rollout_end; the others never ran it"
}

# Ends the engines of these devices again and again, until the rollout is over.
crash_engines_during() {
  local name="$1" device pid
  shift
  local began="$SECONDS"
  while ((SECONDS - began < 120)); do
    case "$(rollout_state "$name")" in ABORT* | ROLL* | COMPLETED | PAUSED) break ;; esac
    for device in "$@"; do
      for pid in $(engine_pids "$device"); do kill -SEGV "$pid" 2> /dev/null || true; done
    done
    say_live "engines of $* crash; the rollout is $(rollout_state "$name")"
    sleep 0.3
  done
  say_live_end
}

act_bad_in_soak() {
  say_step "8  Release 2.1.0 passes every test and goes bad afterwards"
  push 2.1.0 "$demo/plant-slm-v2-q4_k_m.gguf" --floor 80
  start_rollout 2.1.0 3,rest 60s
  wait_for 60 "the first wave to confirm 2.1.0" three_confirmed_in "$story_line-2.1.0"
  local confirmed device
  mapfile -t confirmed < <(devices_confirmed_in "$story_line-2.1.0")
  say "${confirmed[*]} passed their golden prompts and their trials. Now the engine of ${confirmed[0]} starts to crash"
  say "(kill -SEGV) while the wave soaks: all three have to go back."
  crash_engines_during "$story_line-2.1.0" "${confirmed[0]}"
  rollout_should_end "$story_line-2.1.0" ABORTED ROLLED_BACK
  typed "$FLOTILLA_BIN/fleetctl" rollout explain "$story_line-2.1.0" || true
  for device in "${confirmed[@]}"; do
    wait_for 60 "$device to be back on 2.0.0" device_runs "$device" 2.0.0
    typed "$FLOTILLA_BIN/fleetctl" device why "$device" || true
  done
  expect "everything that is on runs 2.0.0" all_on 2.0.0 "$((agents - 1))"
  conclude "2.1.0 went bad in its soak on ${confirmed[0]}" "$rollout_end; ${confirmed[*]} back on 2.0.0"
}

act_return() {
  local name
  name="$(device_name "$agents")"
  say_step "9  $name comes back and goes straight to 2.0.0"
  start_agent "$name"
  wait_for 60 "$name to run 2.0.0" device_runs "$name" 2.0.0
  typed "$FLOTILLA_BIN/fleetctl" device why "$name" || true
  expect "all $agents devices run 2.0.0" all_on 2.0.0 "$agents"
  show_question "$name" "$question"
  conclude "$name missed three rollouts" "one step to 2.0.0"
}

# The reader's own model, on a line of its own beside the demo's.
act_own_model() {
  local demo_line="$story_line" file="$1" name
  say_step "11  Your model: $file"
  own_line="$(basename "${file%.gguf}" | tr 'A-Z' 'a-z' | tr -c 'a-z0-9.\n-' - | sed 's/^[.-]*//' | cut -c1-60)"
  quietly "$FLOTILLA_BIN/fleetctl" delegate add --yes "models-$own_line" --keys "$STORY/keys/models.pub" --key "$STORY/keys/targets.pem"
  typed "$FLOTILLA_BIN/fleetctl" release push --line "$own_line" --version 1.0.0 --key "$STORY/keys/models.pem" \
    "$file" || die "your model could not be pushed" "logs: $STORY_LOGS"
  quietly "$FLOTILLA_BIN/fleetctl" rollout create --line "$own_line" --version 1.0.0 --waves rest --trial 1s
  quietly "$FLOTILLA_BIN/fleetctl" rollout start "$own_line-1.0.0"
  rollout_should_end "$own_line-1.0.0" COMPLETED
  name="$(device_name 1)"
  show_question "$name" "Who are you?" "$own_line"
  conclude "your model runs beside $demo_line" COMPLETED
}

act_summary() {
  say_step "What you saw"
  local row what end at
  printf '   %s%-52s %-34s %s%s\n' "$say_dim" WHAT RESULT AT "$say_off"
  for row in "${story_summary[@]}"; do
    IFS='|' read -r what end at <<< "$row"
    printf '   %-52s %-34s %s\n' "$what" "$end" "$at"
  done
  say ""
  say "logs            $STORY_LOGS"
  say "trust metadata  $STORY/controller/repo/metadata"
  say "your keys       $STORY/keys"
}

act_keep() {
  say_step "It is all still running"
  say "dashboard  $(fleetctl dashboard)"
  say "           (certificate by the story's own CA: $STORY/controller/operator/ca.crt)"
  say ""
  say "export PATH=$FLOTILLA_BIN:\$PATH FLOTILLA_CONTEXT_FILE=$STORY/contexts.yaml"
  say "fleetctl device list -o wide"
  say "fleetctl device why $(device_name 3)"
  say "fleetctl rollout list"
  say "fleetctl audit"
  say "curl -s http://$(endpoint_of "$(device_name 1)")/v1/models"
  say ""
  say "stop it with: deploy/quickstart --stop"
}

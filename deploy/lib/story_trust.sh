# Sourced: the keys of the story, and the controller they are published to. Wants story_screen.sh and story_fleet.sh.

# Offline keys (root, targets, the line's delegated role) here; online keys and the CA in the controller's folder.
act_keys() {
  say_step "1  Keys: who may say what is a release"
  say "Root and targets keys stay with you. The controller has keys of its own that only say what is current."
  local role
  for role in root targets models; do
    quietly "$FLOTILLA_BIN/fleetctl" key new --out "$STORY/keys/$role.pem"
  done
  write_controller_config
  typed "$FLOTILLA_BIN/flotilla-controller" init --config "$STORY/controller.yaml" ||
    die "the controller's folder could not be made" "logs: $STORY_LOGS"
  quietly "$FLOTILLA_BIN/fleetctl" root init --out "$STORY/trust/stage" \
    --keys "$STORY/keys/root.pub" --targets-keys "$STORY/keys/targets.pub" \
    --snapshot-keys "$STORY/controller/online-keys/snapshot.pub" \
    --timestamp-keys "$STORY/controller/online-keys/timestamp.pub"
  quietly "$FLOTILLA_BIN/fleetctl" root sign --yes "$STORY/trust/stage" \
    --key "$STORY/keys/root.pem" --key "$STORY/keys/targets.pem"
  typed "$FLOTILLA_BIN/fleetctl" root show "$STORY/trust/stage" || die "the root is not right"
  # What a factory would put into each device.
  cp "$STORY/trust/stage/1.root.json" "$STORY/trust/1.root.json"
  conclude "keys and the first root" "made offline"
}

act_controller() {
  say_step "3  The controller starts, on SQLite"
  say "$say_bold\$ flotilla-controller run --config $STORY/controller.yaml &$say_off"
  start_controller
  quietly "$FLOTILLA_BIN/fleetctl" context set quickstart --from "$STORY/controller/operator"
  typed "$FLOTILLA_BIN/fleetctl" root publish --yes "$STORY/trust/stage" || die "the root could not be published"
  typed "$FLOTILLA_BIN/fleetctl" delegate add --yes "models-$story_line" --keys "$STORY/keys/models.pub" \
    --key "$STORY/keys/targets.pem" || die "the model line's key could not be delegated to"
  conclude "controller on SQLite, root published" "$(jq -r .operator "$STORY/controller/listeners.json")"
}

# Sourced: the keys of the story. Wants story_screen.sh and story_fleet.sh.

# Offline keys (root, targets, the line's delegated role) here; online keys and the CA in the controller's folder.
act_keys() {
  say_step "1  Keys: who may say what is a release"
  say "Root and targets keys stay with you; the controller gets keys that only say what is current."
  local role
  for role in root targets models; do
    quietly "$FLOTILLA_BIN/fleetctl" key new --out "$STORY/keys/$role.pem"
  done
  write_controller_config
  typed "$FLOTILLA_BIN/flotilla-controller" init --config "$STORY/controller.yaml" ||
    die "the controller's folder could not be made" "logs: $STORY_LOGS"
}

act_controller() {
  say_step "2  The controller starts, on SQLite"
  say "$ flotilla-controller run --config $STORY/controller.yaml &"
  start_controller
  quietly "$FLOTILLA_BIN/fleetctl" context set quickstart --from "$STORY/controller/operator"
  quietly "$FLOTILLA_BIN/fleetctl" root init --keys "$STORY/keys/root.pub" --targets-keys "$STORY/keys/targets.pub" \
    --snapshot-keys "$STORY/controller/online-keys/snapshot.pub" \
    --timestamp-keys "$STORY/controller/online-keys/timestamp.pub" --expires 365d --out "$STORY/trust/stage"
  quietly "$FLOTILLA_BIN/fleetctl" root sign "$STORY/trust/stage" --key "$STORY/keys/root.pem"
  typed "$FLOTILLA_BIN/fleetctl" root show "$STORY/trust/stage" || die "the root is not right"
  quietly "$FLOTILLA_BIN/fleetctl" root publish "$STORY/trust/stage"
  quietly "$FLOTILLA_BIN/fleetctl" delegate add "models-$story_line" --keys "$STORY/keys/models.pub" \
    --key "$STORY/keys/targets.pem"
  cp "$STORY/trust/stage/1.root.json" "$STORY/trust/1.root.json"
}

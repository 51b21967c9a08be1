# Sourced: the processes of the story. Each has a pid file under $STORY/pids; nothing else is ever signalled.
# Wants say.sh, story_screen.sh.

# process_start NAME COMMAND...: in the background, output to $STORY_LOGS/NAME.log (appended).
process_start() {
  local name="$1"
  shift
  "$@" >> "$STORY_LOGS/$name.log" 2>&1 < /dev/null &
  echo "$!" > "$STORY/pids/$name"
  disown "$!"
}

process_pid() { cat "$STORY/pids/$1" 2> /dev/null || true; }

# 0 while it runs.
process_runs() {
  local pid
  pid="$(process_pid "$1")"
  [[ -n $pid && -r /proc/$pid/stat ]] && ! grep -q ') Z ' "/proc/$pid/stat" 2> /dev/null
}

# process_stop NAME...: asks, waits 10 s for all of them, then insists.
process_stop() {
  local name tries
  for name in "$@"; do
    if process_runs "$name"; then kill -TERM "$(process_pid "$name")" 2> /dev/null || true; fi
  done
  for name in "$@"; do
    for ((tries = 0; tries < 100; ++tries)); do
      if ! process_runs "$name"; then break; fi
      sleep 0.1
    done
    if process_runs "$name"; then
      say_warn "$name did not end in 10 s: killing it"
      kill -KILL "$(process_pid "$name")" 2> /dev/null || true
    fi
    rm -f "$STORY/pids/$name"
  done
}

process_names() {
  if [[ -d $STORY/pids ]]; then ls "$STORY/pids"; fi
}

# Everything this story (or an earlier one with --keep) started: agents first, the controller last.
process_stop_all() {
  local agents
  mapfile -t agents < <(process_names | grep -v '^controller$' || true)
  if ((${#agents[@]} > 0)); then process_stop "${agents[@]}"; fi
  if process_runs controller; then process_stop controller; fi
}

# What to say when something that must run does not.
process_must_run() {
  if ! process_runs "$1"; then
    tail -n 15 "$STORY_LOGS/$1.log" >&2 || true
    die "$1 ended by itself" "its log: $STORY_LOGS/$1.log"
  fi
}

# engine_pids AGENT: the engines that this agent has started.
engine_pids() {
  local pid
  pid="$(process_pid "$1")"
  if [[ -n $pid ]]; then pgrep -P "$pid" || true; fi
}

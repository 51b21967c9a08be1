# Sourced: how the story shows what it does. Wants say.sh.

# typed WORD...: prints the command as a person would type it, runs it and shows its output. Its exit code is this one's.
typed() {
  local code=0
  printf '   %s$ %s%s\n' "$say_bold" "$(typed_words "$@")" "$say_off"
  "$@" 2>&1 | sed -u 's/^/     /' || code="${PIPESTATUS[0]}"
  return "$code"
}

# The same for a command that rewrites its last line on a terminal.
typed_live() {
  if [[ -n $say_line ]]; then
    printf '   %s$ %s%s\n' "$say_bold" "$(typed_words "$@")" "$say_off"
    "$@"
  else
    typed "$@"
  fi
}

# The words with quotes only where a shell needs them, our programs by their bare names.
typed_words() {
  local word out=''
  for word in "$@"; do
    case "$word" in
      "$FLOTILLA_BIN"/*) word="${word##*/}" ;;
    esac
    if [[ ! $word =~ ^[A-Za-z0-9_./:,=@%+~-]+$ ]]; then word="'${word//\'/\'\\\'\'}'"; fi
    out+="${out:+ }$word"
  done
  printf '%s' "$out"
}

# quietly WORD...: the same, but shows the output only when it fails.
quietly() {
  local out
  printf '   %s$ %s%s\n' "$say_bold" "$(typed_words "$@")" "$say_off"
  if ! out="$("$@" 2>&1)"; then
    die "that command failed: $(head -c 2000 <<< "$out")" "logs: $STORY_LOGS"
  fi
}

# wait_for SECONDS WHAT COMMAND...: polls the command until it succeeds; live line meanwhile.
wait_for() {
  local limit="$1" what="$2" began="$SECONDS"
  shift 2
  until "$@"; do
    if ((SECONDS - began >= limit)); then
      die "waited $limit s for $what" "logs: $STORY_LOGS"
    fi
    say_live "waiting for $what ($((SECONDS - began)) s)"
    sleep 0.2
  done
  say_live_end
}

# expect WHAT COMMAND...: the story claims WHAT; when the command says no, the story ends there with an error.
expect() {
  local what="$1"
  shift
  if "$@"; then
    say_ok "$what"
  else
    die "this should hold and does not: $what" "logs: $STORY_LOGS"
  fi
}

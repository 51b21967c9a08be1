# Sourced: how the deploy scripts talk. Colour on a terminal unless NO_COLOR is set; plain lines otherwise.

say_started="$SECONDS"
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  say_bold=$'\e[1m' say_dim=$'\e[2m' say_red=$'\e[31m' say_green=$'\e[32m' say_blue=$'\e[36m' say_off=$'\e[0m'
  say_line=$'\r\e[K'
else
  say_bold='' say_dim='' say_red='' say_green='' say_blue='' say_off='' say_line=''
fi

say_clock() {
  local s=$((SECONDS - say_started))
  printf '%d:%02d' $((s / 60)) $((s % 60))
}

# A chapter of the run.
say_step() { printf '\n%s== %s%s  %s[%s]%s\n' "$say_bold" "$*" "$say_off" "$say_dim" "$(say_clock)" "$say_off"; }
say() { printf '   %s\n' "$*"; }
say_ok() { printf '   %sok%s %s\n' "$say_green" "$say_off" "$*"; }
say_warn() { printf '   %s!!%s %s\n' "$say_red" "$say_off" "$*"; }

# Replaces the line above on a terminal; elsewhere prints nothing (say_ok or say tells the outcome).
say_live() {
  if [[ -n $say_line ]]; then
    printf '%s   %s' "$say_line" "$(cut -c1-"$((${COLUMNS:-100} - 4))" <<< "$*")"
  fi
}
say_live_end() { printf '%s' "$say_line"; }

# die WHAT NEXT...: what went wrong, and what to do about it. Ends the script with 1.
die() {
  say_live_end
  printf '\n%serror:%s %s\n' "$say_red" "$say_off" "$1" >&2
  shift
  local next
  for next in "$@"; do printf '       %s\n' "$next" >&2; done
  exit 1
}

# run_logged LOG WHAT COMMAND...: runs with output to LOG; on failure shows its end and stops.
run_logged() {
  local log="$1" what="$2"
  shift 2
  mkdir -p "$(dirname "$log")"
  if ! "$@" > "$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "$what failed" "the whole log: $log"
  fi
}

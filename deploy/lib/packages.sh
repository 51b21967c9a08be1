# Sourced: which packages of the distribution are needed, and getting those that are missing.
# Wants say.sh.

# "debian 12".
packages_distribution() (
  ID='' VERSION_ID=''
  if [[ -r /etc/os-release ]]; then . /etc/os-release; fi
  printf '%s %s\n' "$ID" "$VERSION_ID"
)

# Debian 12's default Boost is 1.74, which has no static headers of Asio new enough; 1.81 stands beside it there.
packages_boost() {
  case "$(packages_distribution)" in
    'debian 12') echo libboost1.81-dev libboost-json1.81-dev libboost-system1.81-dev ;;
    *) echo libboost-dev libboost-json-dev libboost-system-dev ;;
  esac
}

# What compiles and runs the product.
packages_to_build() {
  echo git ca-certificates g++ cmake ninja-build pkg-config ccache mold
  packages_boost
  echo libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libabsl-dev
  echo libssl-dev libcurl4-openssl-dev libsqlite3-dev libsoci-dev libpq-dev libical-dev libyaml-cpp-dev libspdlog-dev libcli11-dev
  echo libzstd-dev libseccomp-dev libnghttp2-dev libmimalloc-dev prometheus-cpp-dev
}

# What the quickstart's story and the tests of whole processes call.
packages_to_run() { echo curl jq openssl sqlite3 procps; }

# The tokens and TPMs in software are for the tests of keys. Of the libraries that reach a TPM swtpm's is for tests, the
# device's for the product; Ubuntu 24.04 and Debian 13 name them with their new time_t.
packages_tpm_libraries() {
  local suffix=''
  case "$(packages_distribution)" in 'ubuntu '* | 'debian 1'[3-9]) suffix=t64 ;; esac
  echo "libtss2-tcti-swtpm0$suffix" "libtss2-tcti-device0$suffix"
}

packages_to_test() {
  echo libgtest-dev libgmock-dev libbenchmark-dev clang-format faketime
  # A server of the tests' own; the package's starts one more, which nobody uses here.
  echo postgresql
  echo softhsm2 libengine-pkcs11-openssl opensc tpm2-openssl swtpm
  packages_tpm_libraries
}

# The floors of tests/bench/system/scale_bench, beside what is needed to test. Their services are not used.
packages_to_bench() { echo mosquitto nats-server; }

# deploy/fuzz.
packages_to_fuzz() { echo clang libclang-rt-dev; }

# python-tuf, an independent TUF client: a package from Debian 13 on.
packages_python_tuf() {
  case "$(packages_distribution)" in
    'debian 12' | 'ubuntu 24.04') ;;
    *) echo python3-tuf python3-cryptography ;;
  esac
}

# To fetch llama.cpp's source and the pinned tuf-js of the tests, and only where npm is not there already.
packages_to_fetch() {
  if ! command -v npm > /dev/null; then echo nodejs npm; fi
}

# packages_missing NAME...: those that are not installed.
packages_missing() {
  local installed
  installed="$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2> /dev/null | sed -n 's/^installed //p' || true)"
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<< "$installed")
}

# packages_install NAME...: installs what is missing; touches nothing, the network included, when all are there.
packages_install() {
  if (($# == 0)); then return; fi
  if ! command -v dpkg-query > /dev/null; then
    say_warn "no dpkg here: taking it that these are installed under the names of this system:"
    say "$*"
    return
  fi
  local missing
  mapfile -t missing < <(packages_missing "$@")
  if ((${#missing[@]} == 0)); then
    say_ok "all $# packages are installed"
    return
  fi
  if ((EUID != 0)); then
    die "${#missing[@]} packages are missing and this is not root" \
      "as root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "installing ${#missing[@]} packages (and what they need): ${missing[*]}"
  local log="$FLOTILLA_LOGS/packages.log"
  export DEBIAN_FRONTEND=noninteractive
  run_logged "$log" "apt-get update" apt-get update -q
  packages_apt "$log" "${missing[@]}"
  say_ok "packages installed"
}

packages_apt() {
  local log="$1" line
  shift
  # --no-remove: never trade a package that somebody needs for one of ours without asking.
  { apt-get install -q -y --no-install-recommends --no-remove "$@" 2>&1 || echo "apt-get failed"; } |
    tee "$log" | while read -r line; do
    case "$line" in
      Get:* | Unpacking* | 'Setting up'*) say_live "$line" ;;
    esac
  done
  say_live_end
  if grep -qx 'apt-get failed' "$log"; then
    tail -n 20 "$log" >&2
    die "apt-get could not install the packages" "the whole log: $log" \
      "supported: Debian 12, Debian 13, Ubuntu 24.04; this is $(packages_distribution)" \
      "if it says that something would be removed (an older Boost, say): remove that first, then run this again"
  fi
}

# Debian's installer writes /etc/hosts. A bare root filesystem has none, and then nobody knows localhost, which the story
# and the tests talk to.
packages_localhost() {
  if getent hosts localhost > /dev/null; then return; fi
  if ! echo '127.0.0.1 localhost' 2> /dev/null >> /etc/hosts; then
    die "this machine has no name localhost" "as root: echo '127.0.0.1 localhost' >> /etc/hosts"
  fi
  say_ok "localhost was missing on this machine: it stands in /etc/hosts now"
}

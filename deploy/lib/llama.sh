# Sourced: llama.cpp's library for the engine, in build/deps/llama, unless the system has one. Wants say.sh.
# The source comes from an npm package, because npm versions never change and have a SHA-512 in the registry; the commit
# id that is checked out is the second check. Node is used for nothing else.

readonly llama_package=node-llama-cpp@3.22.1
readonly llama_tarball=node-llama-cpp-3.22.1.tgz
readonly llama_sha512='bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw=='
readonly llama_commit=de3ff815ea7d559ee917f063901b8986f038abc6
readonly llama_flags=(
  -DLLAMA_BUILD_IS_DEV=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF
  -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_MTMD=OFF
  -DLLAMA_OPENSSL=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_TOOLS_INSTALL=OFF -DLLAMA_TESTS_INSTALL=OFF
  -DGGML_CCACHE=OFF -DGGML_OPENMP=OFF -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=OFF)

llama_prefix() { echo "$FLOTILLA_TOP/build/deps/llama"; }
llama_stamp() { printf '%s\n' "$llama_commit" "${llama_flags[@]}"; }

# 0 when our own build is there and is the one wanted.
llama_is_built() {
  [[ -f "$(llama_prefix)/stamp" ]] && cmp -s <(llama_stamp) "$(llama_prefix)/stamp"
}

# 0 when CMake finds a libllama without us: a system package, or a prefix in FLOTILLA_LLAMA_PREFIX.
llama_is_on_system() {
  local probe
  probe="$(mktemp -d)"
  cat > "$probe/CMakeLists.txt" << 'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(probe LANGUAGES C CXX)
list(APPEND CMAKE_PREFIX_PATH "$ENV{FLOTILLA_LLAMA_PREFIX}")
find_package(llama 0.5 REQUIRED)
CMAKE
  local found=0
  cmake -S "$probe" -B "$probe/build" -G Ninja > /dev/null 2>&1 || found=1
  rm -rf "$probe"
  return "$found"
}

# Puts a libllama where CMake finds it. Does nothing when one is there.
llama_provide() {
  if llama_is_built; then
    say_ok "libllama 0.5.0 is in build/deps/llama"
  elif llama_is_on_system; then
    say_ok "libllama is on this system"
  else
    local work="$FLOTILLA_TOP/build/deps/llama-work"
    rm -rf "$work"
    mkdir -p "$work"
    llama_fetch "$work"
    llama_build "$work"
    rm -rf "$work"
  fi
}

# llama_fetch WORK: WORK/llama.cpp, checked out at the one commit; 12 MB of the 36 MB bundle.
llama_fetch() {
  local work="$1"
  say "fetching llama.cpp 0.5.0 ($llama_package from npm, 36 MB)"
  packages_install $(packages_to_fetch)
  (
    cd "$work"
    run_logged "$FLOTILLA_LOGS/llama-fetch.log" "npm pack $llama_package" npm pack --silent "$llama_package"
  )
  local got
  got="$(openssl dgst -sha512 -binary "$work/$llama_tarball" | openssl base64 -A)"
  if [[ $got != "$llama_sha512" ]]; then
    die "$llama_tarball is not the file it should be" "wanted SHA-512 $llama_sha512" "got            $got" \
      "a proxy or mirror changed it: fetch from registry.npmjs.org, or install libllama 0.5 and set FLOTILLA_LLAMA_PREFIX"
  fi
  say_ok "SHA-512 is the pinned one"
  tar xzf "$work/$llama_tarball" -C "$work" package/llama/gitRelease.bundle
  llama_checkout "$work"
}

llama_checkout() {
  local work="$1" tree="$1/llama.cpp"
  git clone -q --no-checkout "$work/package/llama/gitRelease.bundle" "$tree"
  git -C "$tree" sparse-checkout init --no-cone
  cat > "$tree/.git/info/sparse-checkout" << 'PATHS'
/CMakeLists.txt
/LICENSE
/licenses/
/cmake/
/include/
/src/
/vendor/CMakeLists.txt
/vendor/*/CMakeLists.txt
/vendor/hash/
/ggml/CMakeLists.txt
/ggml/cmake/
/ggml/include/
/ggml/src/*.*
/ggml/src/CMakeLists.txt
/ggml/src/ggml-cpu/
PATHS
  if ! git -C "$tree" checkout -q "$llama_commit"; then
    die "the bundle does not hold commit $llama_commit" "this should not happen with the pinned tarball; please report it"
  fi
  say_ok "commit $llama_commit"
}

# llama_build WORK: builds WORK/llama.cpp and installs it in build/deps/llama. About 190 CPU seconds.
llama_build() {
  local work="$1" log="$FLOTILLA_LOGS/llama-build.log" launcher=()
  if command -v ccache > /dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  rm -rf "$(llama_prefix)"
  run_logged "$log" "configuring llama.cpp" cmake -S "$work/llama.cpp" -B "$work/build" -G Ninja \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$(llama_prefix)" "${launcher[@]}" "${llama_flags[@]}"
  build_with_progress "$log" "llama.cpp" "$work/build"
  run_logged "$log" "installing llama.cpp" cmake --install "$work/build"
  cp "$work/llama.cpp/LICENSE" "$(llama_prefix)/LICENSE"
  llama_stamp > "$(llama_prefix)/stamp"
}

#!/bin/bash
# selftest.sh: each lint refuses a tree made to break its rule, and accepts the same tree mended.
set -euo pipefail
here="$(dirname "$(readlink -f "$0")")"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{base,security,ota/fetch,engine,agent,controller/rollout,fleetctl,tests}
bad=0

# refuses LINT FILE TEXT: LINT passes on the tree, fails once FILE holds TEXT, and passes again without it.
refuses() {
  local lint="$1" file="$2" text="$3"
  printf '%b' "$text" > "$tree/$file"
  if "$here/$lint.sh" "$tree" > /dev/null 2>&1; then
    echo "$lint accepted $file: $text"
    bad=1
  fi
  rm "$tree/$file"
  if ! "$here/$lint.sh" "$tree"; then
    echo "$lint refused the clean tree"
    bad=1
  fi
}

printf '#include "base/a.h"\n' > "$tree/base/a.cc"
printf '#ifndef FLOTILLA_BASE_A_H_\n#define FLOTILLA_BASE_A_H_\n#endif\n' > "$tree/base/a.h"
printf '#ifndef FLOTILLA_BASE_B_H_\n#define FLOTILLA_BASE_B_H_\n#endif\n' > "$tree/base/b.h"

refuses layers base/x.cc '#include "security/sha256.h"\n'
refuses layers base/x.cc '#include <boost/asio.hpp>\n'
refuses layers security/x.cc '#include "ota/store.h"\n'
refuses layers ota/x.cc '#include <curl/curl.h>\n'
refuses layers ota/fetch/x.cc '#include <sqlite3.h>\n'
refuses layers agent/x.cc '#include <grpcpp/grpcpp.h>\n'
refuses layers agent/x.cc '#include "flotilla/v1/session.grpc.pb.h"\n'
refuses layers controller/rollout/x.cc '#include "controller/fleet/fleet.h"\n'
refuses layers fleetctl/x.cc '#include "controller/fleet/fleet.h"\n'
refuses layers engine/x.cc '#include <fancy/lib.h>\n'
refuses files base/x.cc "$(printf '//\\n%.0s' {1..401})"
refuses files base/string_utils.cc '\n'
refuses files base/x.h '#ifndef X_H\n#define X_H\n#endif\n'
refuses files base/x.cc '#include "base/a.h"\n#include "base/b.h"\n\n#include <string>\n'
refuses files base/b.cc '#include <string>\n'
refuses hidden_inputs agent/x.cc 'const auto now = std::chrono::system_clock::now();\n'
refuses hidden_inputs ota/x.cc 'const char* home = getenv("HOME");\n'
refuses scripts tests/x.sh '#!/bin/bash\necho no set line\n'
refuses scripts tests/x.sh '#!/bin/bash\nset -euo pipefail\nif true; then\n'
exit "$bad"

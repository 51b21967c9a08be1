// root metadata from strangers: signatures are not checked yet when it is parsed.
#include <cstddef>
#include <cstdint>

#include "security/tuf/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto envelope = flotilla::tuf::ParseEnvelope("root", {data, size}, 1U << 20U);
  if (envelope.ok()) {
    flotilla::tuf::ParseRoot(*envelope).status().IgnoreError();
  }
  return 0;
}

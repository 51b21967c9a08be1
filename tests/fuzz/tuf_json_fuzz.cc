// JSON of signed metadata: what the strict reader takes, the legible form gives back unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "security/tuf/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = flotilla::tuf::ParseJson({data, size}, 1U << 20U);
  if (value.ok()) {
    const auto text = flotilla::tuf::EncodeLegible(*value);
    const auto again = flotilla::tuf::ParseJson(flotilla::AsBytes(text.value()), 1U << 26U);
    if (!again.ok() || *again != *value) {
      std::abort();
    }
  }
  return 0;
}

// Canonical JSON is a function of the value: encoding what was read from a legible copy gives the
// same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "security/tuf/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using flotilla::tuf::ParseJson;
  const auto value = ParseJson({data, size}, 1U << 20U);
  if (value.ok()) {
    const auto legible = flotilla::tuf::EncodeLegible(*value).value();
    const auto again = ParseJson(flotilla::AsBytes(legible), 1U << 26U).value();
    if (flotilla::tuf::EncodeCanonical(*value).value() !=
        flotilla::tuf::EncodeCanonical(again).value()) {
      std::abort();
    }
  }
  return 0;
}

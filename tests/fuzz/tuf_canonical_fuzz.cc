// Canonical JSON is a function of the value: encoding what was read from a legible copy gives the
// same bytes, and where it holds no control bytes it is JSON that says the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <algorithm>
#include <string>

#include "security/tuf/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using flotilla::AsBytes;
  using flotilla::tuf::ParseJson;
  const auto value = ParseJson({data, size}, 1U << 20U);
  if (!value.ok()) return 0;
  const std::string canonical = flotilla::tuf::EncodeCanonical(*value).value();
  const std::string legible = flotilla::tuf::EncodeLegible(*value).value();
  const auto again = ParseJson(AsBytes(legible), 1U << 26U).value();
  if (flotilla::tuf::EncodeCanonical(again).value() != canonical) std::abort();
  const bool plain = std::none_of(canonical.begin(), canonical.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (plain && ParseJson(AsBytes(canonical), 1U << 26U).value() != *value) std::abort();
  return 0;
}

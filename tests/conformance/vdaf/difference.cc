#include "tests/conformance/vdaf/difference.h"

#include <algorithm>
#include <cstddef>

namespace flotilla::conformance {
namespace {

constexpr std::size_t kShownBytes = 16;

std::string From(ByteView bytes, std::size_t place) {
  if (place >= bytes.size()) return "the end";
  return HexEncode(bytes.subspan(place, std::min(kShownBytes, bytes.size() - place)));
}

}  // namespace

std::vector<std::string> Differences(const std::string& what, ByteView expected,
                                     ByteView computed) {
  if (std::ranges::equal(expected, computed)) return {};
  const auto [at, other] = std::ranges::mismatch(expected, computed);
  const auto place = static_cast<std::size_t>(at - expected.begin());
  return {what + " differs from byte " + std::to_string(place) + " on: computed " +
          From(computed, place) + ", the vector has " + From(expected, place)};
}

}  // namespace flotilla::conformance

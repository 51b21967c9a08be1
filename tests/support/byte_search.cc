#include "tests/support/byte_search.h"

#include <cstring>

namespace flotilla {
namespace {

std::uint64_t BeginOf(const char* bytes) {
  std::uint64_t begin = 0;
  std::memcpy(&begin, bytes, sizeof(begin));
  return begin;
}

std::size_t BitOf(std::uint64_t begin) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15U;
  return static_cast<std::size_t>((begin * kGolden) >> 44U);
}

}  // namespace

bool ByteSearch::Add(std::string_view bytes, std::string_view name) {
  if (bytes.size() < kLeastBytes) {
    return false;
  }
  const std::uint64_t begin = BeginOf(bytes.data());
  begins_.emplace(begin, patterns_.size());
  filter_[BitOf(begin)] = true;
  patterns_.push_back({std::string(bytes), std::string(name)});
  return true;
}

std::set<std::string> ByteSearch::In(std::string_view bytes) const {
  std::set<std::string> found;
  for (std::size_t i = 0; i + kLeastBytes <= bytes.size(); ++i) {
    const std::uint64_t begin = BeginOf(bytes.data() + i);
    if (!filter_[BitOf(begin)]) {
      continue;
    }
    const auto [first, last] = begins_.equal_range(begin);
    for (auto match = first; match != last; ++match) {
      const Pattern& pattern = patterns_[match->second];
      if (bytes.substr(i).starts_with(pattern.bytes)) {
        found.insert(pattern.name);
      }
    }
  }
  return found;
}

}  // namespace flotilla

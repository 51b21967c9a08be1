#include <charconv>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/property/property_flags.h"

namespace flotilla::rollout {

PropertyFlags& Flags() {
  static PropertyFlags flags;
  return flags;
}

}  // namespace flotilla::rollout

namespace {

bool Read(std::string_view argument, std::string_view name, std::uint32_t& value) {
  if (!argument.starts_with(name)) {
    return false;
  }
  const std::string_view number = argument.substr(name.size());
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  return read.ec == std::errc() && read.ptr == number.data() + number.size();
}

}  // namespace

// Beside GoogleTest's: --first_seed=N --histories=N --steps=N.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  auto& flags = flotilla::rollout::Flags();
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!Read(argument, "--first_seed=", flags.first_seed) &&
        !Read(argument, "--histories=", flags.histories) &&
        !Read(argument, "--steps=", flags.steps)) {
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}

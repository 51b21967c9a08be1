#include "controller/session/session_cycle.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"

namespace flotilla::controller {
namespace {

constexpr std::int64_t kLeastSeconds = 60;
constexpr std::int64_t kMostSeconds = 86'400;
constexpr std::size_t kMostDigits = 5;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<Duration> ParseSessionEvery(std::string_view text) {
  std::int64_t seconds = 0;
  const bool digits = text.size() <= kMostDigits && std::all_of(text.begin(), text.end(), IsDigit);
  if (!digits || !absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &seconds) ||
      seconds < kLeastSeconds || seconds > kMostSeconds) {
    return std::nullopt;
  }
  return absl::Seconds(seconds);
}

std::optional<Duration> SessionCycleOf(const v1::Device& device) {
  const auto& labels = device.facts().labels();
  const auto label = labels.find(std::string(kSessionEveryLabel));
  return label == labels.end() ? std::nullopt : ParseSessionEvery(label->second);
}

}  // namespace flotilla::controller

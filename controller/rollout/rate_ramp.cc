#include "controller/rollout/rate_ramp.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace flotilla::rollout {
namespace {

constexpr double kMostPerSecond = 1e6;
constexpr double kMostFactor = 100;
constexpr double kMostDoublings = 1000;
constexpr double kBurstSeconds = 10;
// Ten tenths of an offer are one.
constexpr double kRounding = 1e-6;

std::optional<double> SecondsOf(std::string_view unit) {
  if (unit == "s") {
    return 1;
  }
  if (unit == "m") {
    return 60;
  }
  if (unit == "h") {
    return 3600;
  }
  return std::nullopt;
}

}  // namespace

StatusOr<double> ParseRate(std::string_view text) {
  const std::size_t slash = text.find('/');
  double count = 0;
  const std::optional<double> seconds =
      slash == std::string_view::npos ? std::nullopt : SecondsOf(text.substr(slash + 1));
  if (!seconds.has_value() || !absl::SimpleAtod(std::string(text.substr(0, slash)), &count) ||
      !(count > 0 && count <= kMostPerSecond)) {
    return InvalidArgument(
        absl::StrCat("\"", std::string(text), "\": expected a rate such as 50/m"));
  }
  return count / *seconds;
}

Status CheckRamp(const v1::RateRamp& ramp) {
  if (ramp.start().empty()) {
    return ramp.max().empty() ? OkStatus()
                              : InvalidArgument("delivery.rate.start: missing beside max");
  }
  if (const auto start = ParseRate(ramp.start()); !start.ok()) {
    return Annotate(start.status(), "delivery.rate.start");
  }
  if (!ramp.max().empty()) {
    if (const auto most = ParseRate(ramp.max()); !most.ok()) {
      return Annotate(most.status(), "delivery.rate.max");
    }
  }
  if (ramp.factor() != 0 && !(ramp.factor() >= 1 && ramp.factor() <= kMostFactor)) {
    return InvalidArgument("delivery.rate.factor: must lie between 1 and 100");
  }
  return OkStatus();
}

std::optional<double> RateAfter(const v1::RateRamp& ramp, std::uint32_t succeeded) {
  if (ramp.start().empty()) {
    return std::nullopt;
  }
  const auto start = ParseRate(ramp.start());
  if (!start.ok()) {
    return std::nullopt;  // Checked at creation.
  }
  const double factor = ramp.factor() > 0 ? ramp.factor() : 1;
  const std::uint32_t steps = ramp.after_succeeded() > 0 ? succeeded / ramp.after_succeeded() : 0;
  const double rate = *start * std::pow(factor, std::min<double>(steps, kMostDoublings));
  const auto most = ParseRate(ramp.max());
  return std::min(rate, most.ok() ? *most : kMostPerSecond);
}

bool OfferTokens::Take(std::optional<double> rate, Time now) {
  if (!rate.has_value()) {
    return true;
  }
  if (filled_at_ != absl::InfinitePast()) {
    const double seconds = std::max(0.0, absl::ToDoubleSeconds(now - filled_at_));
    tokens_ = std::min(std::max(1.0, *rate * kBurstSeconds), tokens_ + *rate * seconds);
  }
  filled_at_ = now;
  if (tokens_ < 1 - kRounding) {
    return false;
  }
  tokens_ -= 1;
  return true;
}

}  // namespace flotilla::rollout

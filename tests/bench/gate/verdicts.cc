#include "tests/bench/gate/verdicts.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <tuple>

#include "telemetry/schema/gate_verdict.h"

namespace flotilla::bench {
namespace {

using schema::ReleaseHealth;
using MaybeBucket = std::optional<std::uint32_t>;

constexpr double kFastestFirstTokenUs = 150e3;
constexpr double kFactors = 16;  // slowest to fastest device

double MedianFirstTokenUs(Answers done) {
  const auto middle = done.begin() + static_cast<std::ptrdiff_t>(done.size() / 2);
  std::nth_element(done.begin(), middle, done.end(), [](const auto& a, const auto& b) {
    return a.time_to_first_token_us() < b.time_to_first_token_us();
  });
  return std::max(1.0, static_cast<double>(middle->time_to_first_token_us()));
}

double DrawSlowness(double median_us, Random& random) {
  const double unit = static_cast<double>(UniformBelow(random, 1U << 30U)) / (1U << 30U);
  return kFastestFirstTokenUs * std::pow(kFactors, unit) / median_us;
}

std::uint32_t Rise(const MaybeBucket& from, const MaybeBucket& to) {
  return from.has_value() && to.has_value() && *to > *from ? *to - *from : 0;
}

// Of the medians, the one that moved most to the bad side.
std::uint32_t MostBuckets(const ReleaseHealth& before, const ReleaseHealth& now) {
  return std::max({Rise(before.ttft_p50, now.ttft_p50), Rise(before.request_p50, now.request_p50),
                   Rise(now.decode_tps_p50, before.decode_tps_p50)});
}

}  // namespace

void Verdicts::Add(const Answers& before, const Answers& now, Random& random) {
  const double slowness = DrawSlowness(MedianFirstTokenUs(before), random);
  const ReleaseHealth old_health = HealthOf(before, slowness);
  for (std::size_t i = 0; i < kSlowdowns.size(); ++i) {
    const ReleaseHealth health = HealthOf(now, slowness * kSlowdowns.at(i));
    const bool worse = JudgeRelease(old_health, health, schema::ReleaseFate::kServing) ==
                       schema::GateVerdict::kWorse;
    worse_.at(i) += worse ? 1 : 0;
    const std::uint32_t buckets = MostBuckets(old_health, health);
    for (std::size_t k = 0; k < kSteps.size(); ++k) {
      moved_.at(i).at(k) += buckets >= kSteps.at(k) ? 1 : 0;
    }
  }
  const Spread spread = SpreadOf(before);
  spread_.first_token += spread.first_token;
  spread_.whole += spread.whole;
  ++pairs_;
}

double Verdicts::Share(std::uint32_t count) const {
  return pairs_ == 0 ? 0 : static_cast<double>(count) / pairs_;
}

void Verdicts::Print(const std::string& begin) const {
  const double pairs = std::max<std::uint32_t>(pairs_, 1);
  std::printf("{%s,\"spread_first_token\":%.2f,\"spread_request\":%.2f,\"false_worse\":%.3f",
              begin.c_str(), spread_.first_token / pairs, spread_.whole / pairs, Share(worse_[0]));
  for (std::size_t k = 0; k < kSteps.size(); ++k) {
    std::printf(",\"by_%u_buckets\":{\"false\":%.3f,\"at_1.5\":%.3f,\"at_2\":%.3f}", kSteps.at(k),
                Share(moved_[0].at(k)), Share(moved_[1].at(k)), Share(moved_[2].at(k)));
  }
  std::printf("}\n");
  std::ignore = std::fflush(stdout);
}

}  // namespace flotilla::bench

#include "tests/swarm/fleet/swarm_stats.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace flotilla::swarm {
namespace {

constexpr Duration kBurstGap = absl::Seconds(2);
constexpr std::size_t kMostEnds = 64;
constexpr std::size_t kMostWrongs = 32;
constexpr std::size_t kEndTextBytes = 120;

float Millis(Duration duration) {
  return static_cast<float>(absl::ToDoubleMilliseconds(duration));
}

}  // namespace

Quantiles QuantilesOf(std::vector<float>& samples) {
  if (samples.empty()) {
    return {};
  }
  std::sort(samples.begin(), samples.end());
  const auto at = [&](std::size_t percent) {
    return static_cast<double>(samples[(samples.size() - 1) * percent / 100]);
  };
  return {samples.size(), at(50), at(99), static_cast<double>(samples.back())};
}

void SwarmStats::OnUp(std::optional<Duration> away, Duration now) {
  ++live_;
  ++ups_;
  last_up_ = now;
  if (away.has_value()) {
    away_ms_.push_back(Millis(*away));
  }
}

void SwarmStats::OnDown(const Status& cause, bool was_live) {
  if (was_live) {
    --live_;
  }
  const std::string text = absl::StrCat(was_live ? "session " : "connecting ",
                                        CodeName(cause.code()), ": ", MessageOf(cause))
                               .substr(0, kEndTextBytes);
  ++ends_[ends_.size() < kMostEnds || ends_.contains(text) ? text : "others"];
}

void SwarmStats::OnDesired(const v1::DesiredState& desired, Duration now) {
  for (const v1::Assignment& assignment : desired.assignments()) {
    if (assignment.rollout_id().empty()) {
      continue;
    }
    ++offers_;
    if (burst_.count == 0 || now - burst_.last > kBurstGap) {
      burst_ = {now, now, 0};
    }
    burst_.last = now;
    ++burst_.count;
    const auto [found, first] =
        waves_.try_emplace({assignment.rollout_id(), assignment.wave()}, WaveOffers{now, {}});
    found->second.after_ms.push_back(Millis(now - found->second.first));
  }
}

void SwarmStats::OnReportSent(const v1::UpdateReport& /*report*/, bool again) {
  ++reports_sent_;
  reports_again_ += again ? 1 : 0;
}

void SwarmStats::OnAcked(Duration sent, Duration now) {
  ++acked_;
  ack_ms_.push_back(Millis(now - sent));
}

void SwarmStats::OnWrong(const std::string& what) {
  ++wrong_count_;
  if (wrongs_.size() < kMostWrongs) {
    wrongs_.push_back(what);
  }
}

}  // namespace flotilla::swarm

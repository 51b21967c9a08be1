#include "controller/fleet/backpressure.h"

#include <algorithm>
#include <array>

namespace flotilla::controller {
namespace {

struct Threshold {
  LoadLevel level;
  double enters;
};
constexpr std::array kThresholds = {Threshold{LoadLevel::kHeld, 0.90},
                                    Threshold{LoadLevel::kLatestOnly, 0.75},
                                    Threshold{LoadLevel::kSlower, 0.50}};
constexpr double kLeavesLower = 0.10;
constexpr int kSlowerBeats = 2;
constexpr int kRareBeats = 5;

double ShareOf(std::size_t taken, std::size_t most) {
  return static_cast<double>(taken) / static_cast<double>(std::max<std::size_t>(most, 1));
}

}  // namespace

LoadLevel Backpressure::Look(const QueueLoad& load) {
  const double full =
      std::max(ShareOf(load.rows, options_.max_rows), ShareOf(load.bytes, options_.max_bytes));
  LoadLevel next = LoadLevel::kCalm;
  for (const Threshold& threshold : kThresholds) {
    const double bound =
        level_ >= threshold.level ? threshold.enters - kLeavesLower : threshold.enters;
    if (full > bound) {
      next = threshold.level;
      break;
    }
  }
  level_ = next;
  return level_;
}

Duration Backpressure::heartbeat() const {
  switch (level_) {
    case LoadLevel::kSlower:
      return heartbeat_ * kSlowerBeats;
    case LoadLevel::kLatestOnly:
    case LoadLevel::kHeld:
      return heartbeat_ * kRareBeats;
    case LoadLevel::kUnspecified:
    case LoadLevel::kCalm:
      break;
  }
  return heartbeat_;
}

const char* LoadLevelName(LoadLevel level) {
  switch (level) {
    case LoadLevel::kCalm:
      return "calm";
    case LoadLevel::kSlower:
      return "slower_heartbeats";
    case LoadLevel::kLatestOnly:
      return "newest_values_wait";
    case LoadLevel::kHeld:
      return "sessions_not_read";
    case LoadLevel::kUnspecified:
      break;
  }
  return "unspecified";
}

}  // namespace flotilla::controller

#include "telemetry/schema/gate_verdict.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "telemetry/schema/release_health.h"
#include "telemetry/schema/verdicts.h"

namespace flotilla::schema {
namespace {

enum class Change { kNone = 0, kBetter, kWorse };

using MaybeBucket = std::optional<std::uint32_t>;

// For a metric whose small values are the good ones.
Change RiseIsWorse(const MaybeBucket& before, const MaybeBucket& now) {
  if (!before || !now) return Change::kNone;
  if (*now >= *before + kGateSteps) return Change::kWorse;
  if (*before >= *now + kGateSteps) return Change::kBetter;
  return Change::kNone;
}

Change OfTails(const ReleaseHealth& before, const ReleaseHealth& now,
               MaybeBucket ReleaseHealth::*tail) {
  if (std::min(before.requests, now.requests) < kGateMinForTails) return Change::kNone;
  return RiseIsWorse(before.*tail, now.*tail);
}

double SolvedPercent(const ReleaseHealth& health) {
  return 100.0 * static_cast<double>(health.solved) / static_cast<double>(health.outcomes);
}

Change OfOutcomes(const ReleaseHealth& before, const ReleaseHealth& now) {
  if (std::min(before.outcomes, now.outcomes) < kGateMinOutcomes) return Change::kNone;
  const double gain = SolvedPercent(now) - SolvedPercent(before);
  const auto points = static_cast<double>(kGateOutcomePoints);
  if (gain >= points) return Change::kBetter;
  return gain <= -points ? Change::kWorse : Change::kNone;
}

}  // namespace

GateVerdict JudgeRelease(const ReleaseHealth& before, const ReleaseHealth& now, ReleaseFate fate) {
  if (fate == ReleaseFate::kGaveUp) return GateVerdict::kFailed;
  if (now.crashes > before.crashes) return GateVerdict::kWorse;
  if (std::min(before.requests, now.requests) < kGateMinRequests) return GateVerdict::kNoData;
  const std::array<Change, 7> changes = {
      RiseIsWorse(before.ttft_p50, now.ttft_p50),
      RiseIsWorse(before.request_p50, now.request_p50),
      OfTails(before, now, &ReleaseHealth::ttft_p95),
      OfTails(before, now, &ReleaseHealth::request_p95),
      RiseIsWorse(now.decode_tps_p50, before.decode_tps_p50),  // turned round: more is better
      OfOutcomes(before, now),
      now.crashes < before.crashes ? Change::kBetter : Change::kNone,
  };
  const auto any = [&changes](Change change) {
    return std::find(changes.begin(), changes.end(), change) != changes.end();
  };
  if (any(Change::kWorse)) return GateVerdict::kWorse;
  return any(Change::kBetter) ? GateVerdict::kBetter : GateVerdict::kSame;
}

}  // namespace flotilla::schema

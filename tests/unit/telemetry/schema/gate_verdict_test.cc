#include "telemetry/schema/gate_verdict.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/schema/release_health.h"
#include "telemetry/schema/verdicts.h"

namespace flotilla::schema {
namespace {

ReleaseHealth Ordinary() {
  return {.requests = 1'000,
          .ttft_p50 = 5,
          .ttft_p95 = 8,
          .request_p50 = 6,
          .request_p95 = 9,
          .decode_tps_p50 = 10,
          .crashes = 1,
          .outcomes = 100,
          .solved = 80};
}

using Edit = std::function<void(ReleaseHealth&)>;

GateVerdict After(const Edit& edit) {
  ReleaseHealth now = Ordinary();
  edit(now);
  return JudgeRelease(Ordinary(), now, ReleaseFate::kServing);
}

struct Case {
  std::string what;
  Edit edit;
  GateVerdict expected = GateVerdict::kNoData;
};

std::vector<Case> Cases() {
  return {
      {"nothing changed", [](ReleaseHealth&) {}, GateVerdict::kSame},
      {"first token a neighbour higher", [](ReleaseHealth& h) { h.ttft_p95 = 9; },
       GateVerdict::kSame},
      {"first token two higher", [](ReleaseHealth& h) { h.ttft_p95 = 10; }, GateVerdict::kWorse},
      {"first token two lower", [](ReleaseHealth& h) { h.ttft_p95 = 6; }, GateVerdict::kBetter},
      {"request a neighbour lower", [](ReleaseHealth& h) { h.request_p95 = 8; },
       GateVerdict::kSame},
      {"request two higher", [](ReleaseHealth& h) { h.request_p95 = 11; }, GateVerdict::kWorse},
      {"request two lower", [](ReleaseHealth& h) { h.request_p95 = 7; }, GateVerdict::kBetter},
      {"speed a neighbour lower", [](ReleaseHealth& h) { h.decode_tps_p50 = 9; },
       GateVerdict::kSame},
      {"speed two lower", [](ReleaseHealth& h) { h.decode_tps_p50 = 8; }, GateVerdict::kWorse},
      {"speed two higher", [](ReleaseHealth& h) { h.decode_tps_p50 = 12; }, GateVerdict::kBetter},
      {"20 points fewer solved", [](ReleaseHealth& h) { h.solved = 60; }, GateVerdict::kWorse},
      {"19 points fewer solved", [](ReleaseHealth& h) { h.solved = 61; }, GateVerdict::kSame},
      {"20 points more solved", [](ReleaseHealth& h) { h.solved = 100; }, GateVerdict::kBetter},
      {"too few marks", [](ReleaseHealth& h) { h.outcomes = 49, h.solved = 0; },
       GateVerdict::kSame},
      {"one crash more", [](ReleaseHealth& h) { h.crashes = 2; }, GateVerdict::kWorse},
      {"one crash fewer", [](ReleaseHealth& h) { h.crashes = 0; }, GateVerdict::kBetter},
      {"slower and crashed less", [](ReleaseHealth& h) { h.ttft_p95 = 12, h.crashes = 0; },
       GateVerdict::kWorse},
      {"49 requests", [](ReleaseHealth& h) { h.requests = 49; }, GateVerdict::kNoData},
      {"50 requests", [](ReleaseHealth& h) { h.requests = 50; }, GateVerdict::kSame},
      {"a long tail of 499 requests", [](ReleaseHealth& h) { h.requests = 499, h.ttft_p95 = 20; },
       GateVerdict::kSame},
      {"a long tail of 500 requests", [](ReleaseHealth& h) { h.requests = 500, h.ttft_p95 = 20; },
       GateVerdict::kWorse},
      {"median first token two higher", [](ReleaseHealth& h) { h.requests = 50, h.ttft_p50 = 7; },
       GateVerdict::kWorse},
      {"median request two higher", [](ReleaseHealth& h) { h.request_p50 = 8; },
       GateVerdict::kWorse},
      {"median request two lower", [](ReleaseHealth& h) { h.request_p50 = 4; },
       GateVerdict::kBetter},
      {"crashes before its 50th request", [](ReleaseHealth& h) { h.requests = 3, h.crashes = 2; },
       GateVerdict::kWorse},
      {"no first tokens to compare", [](ReleaseHealth& h) { h.ttft_p95 = std::nullopt; },
       GateVerdict::kSame},
  };
}

TEST(GateVerdict, FollowsTheTable) {
  for (const Case& one : Cases()) EXPECT_EQ(After(one.edit), one.expected) << one.what;
}

TEST(GateVerdict, IsFailedWhenTheDeviceGaveTheReleaseUpWhateverElse) {
  EXPECT_EQ(JudgeRelease(Ordinary(), Ordinary(), ReleaseFate::kGaveUp), GateVerdict::kFailed);
  EXPECT_EQ(JudgeRelease({}, {}, ReleaseFate::kGaveUp), GateVerdict::kFailed);
}

TEST(GateVerdict, IsNoDataForADeviceThatWasIdleOnEitherSide) {
  EXPECT_EQ(JudgeRelease({}, {}, ReleaseFate::kServing), GateVerdict::kNoData);
  EXPECT_EQ(JudgeRelease({}, Ordinary(), ReleaseFate::kServing), GateVerdict::kWorse)
      << "a crash where there was none";
  ReleaseHealth calm = Ordinary();
  calm.crashes = 0;
  EXPECT_EQ(JudgeRelease({}, calm, ReleaseFate::kServing), GateVerdict::kNoData);
}

TEST(GateVerdict, TurnsRoundWhenTheReleasesAreSwapped) {
  ReleaseHealth slow = Ordinary();
  slow.request_p95 = 20;
  EXPECT_EQ(JudgeRelease(Ordinary(), slow, ReleaseFate::kServing), GateVerdict::kWorse);
  EXPECT_EQ(JudgeRelease(slow, Ordinary(), ReleaseFate::kServing), GateVerdict::kBetter);
}

}  // namespace
}  // namespace flotilla::schema

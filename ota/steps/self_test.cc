#include "ota/steps/self_test.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kPercent = 100;
constexpr std::uint64_t kMarginPercent = 2;

Status Failed(const v1::GoldenScore& score, const std::string& against) {
  return WithReason(
      FailedPrecondition("golden prompts: " + std::to_string(score.correct()) + " of " +
                         std::to_string(score.total()) + " right, " + against),
      v1::FAILURE_REASON_INSTALL_SMOKE_FAILED);
}

}  // namespace

Status JudgeGoldenScore(const v1::GoldenScore& score) {
  if (score.total() == 0) {
    return OkStatus();
  }
  const std::uint64_t correct = kPercent * score.correct();
  const std::uint64_t total = score.total();
  if (correct < score.floor_percent() * total) {
    return Failed(score,
                  "the publisher's floor is " + std::to_string(score.floor_percent()) + " %");
  }
  const std::uint64_t margin = std::max(kMarginPercent * total, kPercent);
  if (score.has_running_correct() && correct + margin < kPercent * score.running_correct()) {
    return Failed(score, "the running release " + std::to_string(score.running_correct()));
  }
  return OkStatus();
}

Status SelfTest(SelfTester& tester, const v1::InstalledRelease& candidate,
                const std::optional<v1::InstalledRelease>& running, const std::stop_token& stop,
                std::optional<v1::GoldenScore>& score) {
  FLOTILLA_ASSIGN_OR_RETURN(v1::GoldenScore tested, tester.Test(candidate, running, stop));
  tested.set_floor_percent(candidate.golden_floor_percent());
  score = tested;
  return JudgeGoldenScore(tested);
}

bool CondemnsRelease(const Status& status) {
  switch (ReasonNumber(status)) {
    case v1::FAILURE_REASON_INSTALL_SMOKE_FAILED:
    case v1::FAILURE_REASON_INSTALL_LOAD_FAILED:
    case v1::FAILURE_REASON_INSTALL_GGUF_INVALID:
    case v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH:
      return true;
    default:
      return false;
  }
}

}  // namespace flotilla::ota

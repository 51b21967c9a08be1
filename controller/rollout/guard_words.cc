#include "controller/rollout/guard_words.h"

#include "absl/strings/str_cat.h"

namespace flotilla::rollout {
namespace {

std::string LookText(const v1::WaveGuard& guard) {
  return absl::StrCat("look ", guard.looks_taken(), " of ", guard.looks());
}

std::string ArmsText(const v1::WaveGuard& guard) {
  return absl::StrCat(guard.canary_devices(), " canary and ", guard.control_devices(),
                      " control devices");
}

std::string TroubleText(const v1::WaveGuard& guard) {
  return guard.trouble().empty() ? "" : absl::StrCat("; ", guard.trouble());
}

const char* WhyHeld(v1::GuardReason reason) {
  switch (reason) {
    case v1::GUARD_REASON_CONTROL_SILENT:
      return "the control arm is silent";
    case v1::GUARD_REASON_CANARY_SILENT:
      return "the canary arm is silent";
    case v1::GUARD_REASON_TOO_FEW:
      return "too few reports";
    case v1::GUARD_REASON_SMOKE_ONLY:
      return "too few reports to find what is asked for";
    case v1::GUARD_REASON_UNDECIDED:
      return "neither found nor excluded";
    case v1::GUARD_REASON_NOT_ASKED:
      return "nothing could be asked";
    case v1::GUARD_REASON_NOT_COLLECTED:
      return "nothing was collected of both arms";
    case v1::GUARD_REASON_WAIVED:
      return "waived";
    default:
      return "no verdict";
  }
}

std::string VerdictText(const v1::WaveGuard& guard) {
  if (guard.stage() != v1::GUARD_STAGE_HELD) {
    return absl::StrCat(guard.stage() == v1::GUARD_STAGE_PASSED ? "PASS" : "FAIL", " after ",
                        LookText(guard));
  }
  const std::string after =
      guard.looks_taken() == 0 ? "" : absl::StrCat(" after ", LookText(guard));
  return absl::StrCat("HOLD", after, " (", WhyHeld(guard.reason()), ")");
}

}  // namespace

v1::GuardReason ReasonOf(HealthReason reason) {
  switch (reason) {
    case HealthReason::kRegressionExcluded:
      return v1::GUARD_REASON_REGRESSION_EXCLUDED;
    case HealthReason::kRegressionFound:
      return v1::GUARD_REASON_REGRESSION_FOUND;
    case HealthReason::kControlSilent:
      return v1::GUARD_REASON_CONTROL_SILENT;
    case HealthReason::kCanarySilent:
      return v1::GUARD_REASON_CANARY_SILENT;
    case HealthReason::kTooFew:
      return v1::GUARD_REASON_TOO_FEW;
    case HealthReason::kSmokeOnly:
      return v1::GUARD_REASON_SMOKE_ONLY;
    case HealthReason::kLookAgain:
      return v1::GUARD_REASON_LOOK_AGAIN;
    case HealthReason::kUndecided:
      return v1::GUARD_REASON_UNDECIDED;
    case HealthReason::kUnspecified:
      break;
  }
  return v1::GUARD_REASON_UNSPECIFIED;
}

std::string ForecastText(const v1::WaveGuard& guard) {
  return absl::StrCat("as the fleet is now: ", guard.plan());
}

std::string OpenText(const v1::WaveGuard& guard) {
  switch (guard.stage()) {
    case v1::GUARD_STAGE_SMOKE_ONLY:
      return absl::StrCat(guard.plan(), "; nothing is asked of any device");
    case v1::GUARD_STAGE_ASKING:
      return absl::StrCat(guard.plan(), "; ", ArmsText(guard), " are drawn and to be asked",
                          TroubleText(guard));
    default:
      break;
  }
  // What was said after a look stands until the next.
  return guard.looks_taken() > 0 ? guard.why()
                                 : absl::StrCat(guard.plan(), "; ", ArmsText(guard), " are asked, ",
                                                LookText(guard), TroubleText(guard));
}

std::string LookAgainText(const v1::WaveGuard& guard, const std::string& evidence) {
  return absl::StrCat(LookText(guard), ": ", evidence, ", neither found nor excluded; ",
                      guard.plan());
}

std::string DecidedText(const v1::WaveGuard& guard, const std::string& evidence) {
  const std::string shown = evidence.empty() ? "" : absl::StrCat(": ", evidence);
  const std::string then = guard.stage() == v1::GUARD_STAGE_HELD &&
                                   guard.reason() != v1::GUARD_REASON_CANARY_SILENT &&
                                   !guard.shadow()
                               ? "; the wave's own judge decides"
                               : "";
  return absl::StrCat(VerdictText(guard), shown, then, "; ", guard.plan());
}

std::string GuardSentence(const v1::Wave& wave) {
  if (!wave.has_guard()) {
    return "";
  }
  return absl::StrCat("Private gate of wave ", wave.spec().name(),
                      wave.guard().shadow() ? " (informs only): " : ": ", wave.guard().why(), ".");
}

}  // namespace flotilla::rollout

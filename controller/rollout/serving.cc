#include "controller/rollout/serving.h"

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace flotilla::rollout {
namespace {

bool AnswersNothing(v1::EngineCondition engine) {
  switch (engine) {
    case v1::ENGINE_CONDITION_OFF:
    case v1::ENGINE_CONDITION_CRASH_LOOPING:
    case v1::ENGINE_CONDITION_QUARANTINED:
    case v1::ENGINE_CONDITION_SAFE_MODE:
    case v1::ENGINE_CONDITION_STATIC_ANSWER:
    case v1::ENGINE_CONDITION_STOPPED:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<NotServing> FindNotServing(const v1::Device& device) {
  if (device.revoked() || device.decommissioned()) {
    return std::nullopt;
  }
  for (const v1::LineCondition& line : device.condition().lines()) {
    if (AnswersNothing(line.engine())) {
      return NotServing{line.line(), line.engine(), line.cause()};
    }
  }
  return device.condition().lines().empty() ? std::make_optional<NotServing>() : std::nullopt;
}

std::string NameOf(const NotServing& line) {
  if (line.line.empty()) {
    return "not_installed";
  }
  const std::string name = v1::EngineCondition_Name(line.engine);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "ENGINE_CONDITION_"));
}

}  // namespace flotilla::rollout

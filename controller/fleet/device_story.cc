#include "controller/fleet/device_story.h"

#include <cstddef>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/time.h"
#include "controller/fleet/proto_time.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxLines = 64;

std::string Without(const std::string& name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string NameAndNumber(const std::string& name, int number) {
  return name + " (" + std::to_string(number) + ")";
}

std::string StateText(v1::DeploymentState state) {
  return NameAndNumber(Without(v1::DeploymentState_Name(state), "DEPLOYMENT_STATE_"), state);
}

std::string ReasonText(v1::FailureReason reason) {
  return NameAndNumber(Without(v1::FailureReason_Name(reason), "FAILURE_REASON_"), reason);
}

std::string GoldenText(const v1::GoldenScore& golden) {
  const std::string total = std::to_string(golden.total());
  std::string text =
      "golden prompts: " + std::to_string(golden.correct()) + " of " + total + " right";
  if (golden.has_running_correct()) {
    text += ", the running release " + std::to_string(golden.running_correct()) + " of " + total;
  }
  return text + ", floor " + std::to_string(golden.floor_percent()) + " %";
}

std::string LivenessText(const v1::Device& device, SessionPresence session) {
  std::string text = "Liveness " + Without(v1::Liveness_Name(device.liveness()), "LIVENESS_") +
                     (session == SessionPresence::kOpen ? ", session open" : ", no session");
  if (device.has_last_seen_at()) {
    text += ", last seen " + UtcText(FromProto(device.last_seen_at()));
  }
  return text + ".";
}

// Enough of it to tell machines apart.
std::string Fingerprint(const std::string& fingerprint) {
  return HexEncode(AsBytes(fingerprint)).substr(0, 12);
}

std::string Others(const v1::Device& device) {
  std::string text;
  for (const std::string& other : device.clone_fingerprints()) {
    text += (text.empty() ? "" : ", ") + Fingerprint(other);
  }
  return text;
}

std::string ConditionText(const v1::LineCondition& line) {
  std::string text = "Engine of " + line.line() + ": " +
                     Without(v1::EngineCondition_Name(line.engine()), "ENGINE_CONDITION_");
  if (line.cause() != v1::FAILURE_REASON_UNSPECIFIED) {
    text += " because " + ReasonText(line.cause());
  }
  return text + ".";
}

}  // namespace

std::string ReportSentence(const v1::UpdateReport& report) {
  std::string text =
      report.release().line() + " " + report.release().version() + ": " + StateText(report.state());
  if (report.reason() != v1::FAILURE_REASON_UNSPECIFIED) {
    text += " because " + ReasonText(report.reason());
  }
  if (!report.role().empty()) {
    text += ", role " + report.role();
  }
  if (report.has_golden()) {
    text += "; " + GoldenText(report.golden());
  }
  if (!report.rollout_id().empty()) {
    text += "; rollout " + report.rollout_id() + ", wave " + std::to_string(report.wave() + 1) +
            ", attempt " + std::to_string(report.attempt());
  }
  return text + ".";
}

std::string TellTurn(std::size_t waiting, double per_second) {
  return absl::StrCat("Its newest desired state waits for its turn: ", waiting,
                      " devices are being told of a change, ", per_second, " a second.");
}

std::vector<std::string> TellDevice(const v1::Device& device, SessionPresence session,
                                    const std::vector<std::string>& rollout_lines) {
  std::vector<std::string> lines;
  if (device.decommissioned()) {
    lines.push_back(device.decommission_done()
                        ? "The device left the fleet: its keys are wiped. " +
                              ReasonText(v1::FAILURE_REASON_CONTROL_DECOMMISSIONED) + "."
                        : "The device is to leave the fleet: it is told when it connects. " +
                              ReasonText(v1::FAILURE_REASON_CONTROL_DECOMMISSIONED) + ".");
  } else if (device.revoked()) {
    lines.push_back("The device is revoked: it is not served. " +
                    ReasonText(v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED) + ".");
  }
  if (device.clone_suspected()) {
    lines.push_back("Two machines hold this identity (machine " +
                    Fingerprint(device.machine_fingerprint()) + " enrolled; " + Others(device) +
                    " came with a copy), neither is served until one is enrolled again. " +
                    ReasonText(v1::FAILURE_REASON_CONTROL_CLONED_IDENTITY) + ".");
  }
  if (device.has_last_report()) {
    lines.push_back("Newest report: " + ReportSentence(device.last_report()));
  }
  lines.insert(lines.end(), rollout_lines.begin(), rollout_lines.end());
  for (const v1::LineCondition& line : device.condition().lines()) {
    lines.push_back(ConditionText(line));
  }
  lines.push_back(LivenessText(device, session));
  if (lines.size() > kMaxLines) {
    lines.resize(kMaxLines);
  }
  return lines;
}

}  // namespace flotilla::controller

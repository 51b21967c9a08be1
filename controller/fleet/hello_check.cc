#include "controller/fleet/hello_check.h"

#include <cstddef>
#include <string>

#include "base/digest.h"

namespace flotilla::controller {
namespace {

constexpr int kMaxLines = 32;
constexpr int kMaxMarkedBad = 16;
constexpr std::size_t kMaxLabels = 32;
constexpr std::size_t kClockNonceBytes = 32;
constexpr int kMaxCpuFeatures = 8;
constexpr std::size_t kMaxVersionText = 128;
constexpr std::size_t kMaxReportBytes = 4096;

Status Check(bool holds, const char* field) {
  return holds ? OkStatus() : InvalidArgument(std::string(field) + " is out of its limits");
}

}  // namespace

Status CheckCondition(const v1::Condition& condition) {
  return Check(condition.lines_size() <= kMaxLines, "condition.lines");
}

Status CheckLines(const google::protobuf::RepeatedPtrField<v1::LineStatus>& lines) {
  FLOTILLA_RETURN_IF_ERROR(Check(lines.size() <= kMaxLines, "hello.lines"));
  for (const v1::LineStatus& line : lines) {
    FLOTILLA_RETURN_IF_ERROR(
        Check(line.marked_bad_sha256_size() <= kMaxMarkedBad, "hello.lines.marked_bad_sha256"));
    FLOTILLA_RETURN_IF_ERROR(
        Check(line.stopped_sha256_size() <= kMaxMarkedBad, "hello.lines.stopped_sha256"));
  }
  return OkStatus();
}

Status CheckHello(const v1::Hello& hello) {
  FLOTILLA_RETURN_IF_ERROR(
      Check(hello.machine_fingerprint().size() == Digest::kSize, "hello.machine_fingerprint"));
  FLOTILLA_RETURN_IF_ERROR(
      Check(hello.agent_version().size() <= kMaxVersionText, "hello.agent_version"));
  FLOTILLA_RETURN_IF_ERROR(
      Check(hello.engine_version().size() <= kMaxVersionText, "hello.engine_version"));
  FLOTILLA_RETURN_IF_ERROR(
      Check(hello.clock_nonce().empty() || hello.clock_nonce().size() == kClockNonceBytes,
            "hello.clock_nonce"));
  FLOTILLA_RETURN_IF_ERROR(CheckLines(hello.lines()));
  FLOTILLA_RETURN_IF_ERROR(
      Check(hello.facts().labels().size() <= kMaxLabels, "hello.facts.labels"));
  FLOTILLA_RETURN_IF_ERROR(
      Check(hello.facts().cpu_features_size() <= kMaxCpuFeatures, "hello.facts.cpu_features"));
  return CheckCondition(hello.condition());
}

Status CheckReport(const v1::UpdateReport& report) {
  FLOTILLA_RETURN_IF_ERROR(Check(report.seq() > 0, "report.seq"));
  FLOTILLA_RETURN_IF_ERROR(Check(report.ByteSizeLong() <= kMaxReportBytes, "report"));
  return Check(!report.release().line().empty(), "report.release.line");
}

void TakeHello(const v1::Hello& hello, v1::Device& device) {
  *device.mutable_facts() = hello.facts();
  *device.mutable_lines() = hello.lines();
  *device.mutable_condition() = hello.condition();
  device.set_agent_version(hello.agent_version());
  device.set_engine_version(hello.engine_version());
  device.set_observed_generation(hello.observed_generation());
  if (device.machine_fingerprint().empty()) {
    device.set_machine_fingerprint(hello.machine_fingerprint());
  }
}

}  // namespace flotilla::controller

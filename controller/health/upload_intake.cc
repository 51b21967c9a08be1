#include "controller/health/upload_intake.h"

#include "base/log.h"
#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/report.h"

namespace flotilla::controller {
namespace {

StatusOr<v1::UploadResult> ResultOf(dap::ReportError error) {
  switch (error) {
    case dap::ReportError::kNone:
    case dap::ReportError::kReportReplayed:  // it counts once
      return v1::UPLOAD_RESULT_TAKEN;
    case dap::ReportError::kReportTooEarly:
    case dap::ReportError::kTaskNotStarted:
      return v1::UPLOAD_RESULT_TOO_EARLY;
    case dap::ReportError::kHpkeUnknownConfigId:
      return InvalidArgument("sealed for a key that this leader does not have");
    default:
      return v1::UPLOAD_RESULT_TOO_LATE;
  }
}

}  // namespace

StatusOr<v1::UploadResult> UploadIntake::Take(const std::string& device, ByteView message) {
  if (message.size() < Digest::kSize) {
    return InvalidArgument("shorter than a task id");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskId id, Digest::FromBytes(message.first(Digest::kSize)));
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) {
    return v1::UPLOAD_RESULT_UNKNOWN_TASK;
  }
  LiveTask& task = *found->second;
  const ByteView report = message.subspan(Digest::kSize);
  const StatusOr<dap::ReportError> screened = task.leader().Screen(report, clock_.Now());
  if (screened.status().code() == StatusCode::kInvalidArgument) {
    return screened.status();
  }
  if (!screened.ok()) {
    LogStatus(LogLevel::kWarning, "health.store_away", screened.status());
    return v1::UPLOAD_RESULT_TRY_AGAIN;
  }
  if (*screened != dap::ReportError::kNone) {
    return ResultOf(*screened);
  }
  return Store(device, task, report);
}

StatusOr<v1::UploadResult> UploadIntake::Store(const std::string& device, LiveTask& task,
                                               ByteView report) {
  FLOTILLA_ASSIGN_OR_RETURN(const dap::Report decoded, dap::Report::Decode(report));
  const dap::WindowStart start = decoded.metadata.time;
  const auto window = task.windows().find(start);
  if (window == task.windows().end() || window->second.closed.has_value()) {
    return v1::UPLOAD_RESULT_TOO_LATE;
  }
  std::uint32_t& taken = counted_[{task.id(), start}][device];
  if (taken >= kUploadsOfADevice) {
    return ResourceExhausted("a device has one report for each window");
  }
  const StatusOr<Taking> taking = store_.PutReport(
      {task.id(), start, decoded.metadata.id, Bytes(report.begin(), report.end())});
  if (!taking.ok()) {
    LogStatus(LogLevel::kWarning, "health.store_away", taking.status());
    return v1::UPLOAD_RESULT_TRY_AGAIN;
  }
  if (*taking == Taking::kNew) {
    ++taken;
    ++window->second.pending;
    full_ = full_ || window->second.pending % dap::kMaxReportsOfJob == 0;
  }
  return v1::UPLOAD_RESULT_TAKEN;
}

}  // namespace flotilla::controller

#include "controller/fleet/installed_lines.h"

#include <string>

namespace flotilla::controller {
namespace {

constexpr int kMaxMarkedBad = 16;

v1::LineStatus& LineOf(const std::string& line, v1::Device& device) {
  for (v1::LineStatus& status : *device.mutable_lines()) {
    if (status.line() == line) {
      return status;
    }
  }
  v1::LineStatus& added = *device.add_lines();
  added.set_line(line);
  return added;
}

void Install(const v1::UpdateReport& report, v1::LineStatus& line) {
  if (line.current().sha256() != report.release().sha256()) {
    *line.mutable_previous() = line.current();
    *line.mutable_current() = report.release();
  }
  line.set_trial(report.state() == v1::DEPLOYMENT_STATE_TRIAL);
  if (!report.variant().empty()) {
    line.set_variant(report.variant());
  }
}

void GoBack(const v1::UpdateReport& report, v1::LineStatus& line) {
  if (line.current().sha256() == report.release().sha256()) {
    if (line.has_previous() && line.previous().sha256() == report.previous_sha256()) {
      *line.mutable_current() = line.previous();
    } else {
      line.clear_current();
    }
    line.clear_previous();
  }
  line.set_trial(false);
  for (const std::string& bad : line.marked_bad_sha256()) {
    if (bad == report.release().sha256()) {
      return;
    }
  }
  if (line.marked_bad_sha256_size() < kMaxMarkedBad) {
    line.add_marked_bad_sha256(report.release().sha256());
  }
}

}  // namespace

void TakeReportedLine(const v1::UpdateReport& report, v1::Device& device) {
  switch (report.state()) {
    case v1::DEPLOYMENT_STATE_TRIAL:
    case v1::DEPLOYMENT_STATE_SUCCEEDED:
    case v1::DEPLOYMENT_STATE_ALREADY_CURRENT:
      Install(report, LineOf(report.release().line(), device));
      return;
    case v1::DEPLOYMENT_STATE_FAILED_REVERTED:
    case v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM:
      GoBack(report, LineOf(report.release().line(), device));
      return;
    default:
      return;
  }
}

}  // namespace flotilla::controller

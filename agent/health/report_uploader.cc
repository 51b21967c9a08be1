#include "agent/health/report_uploader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr BackoffOptions kRetry{absl::Seconds(5), absl::Minutes(5)};

// Short windows, as of a demonstration, leave less time.
BackoffOptions RetryOf(const SpoolEntry& entry) {
  return {std::min(kRetry.base, entry.window / 16), std::min(kRetry.cap, entry.window / 8)};
}

// nullptr: to be sent again.
const char* FinalWord(const StatusOr<v1::UploadResponse>& answer) {
  if (!answer.ok()) {
    return answer.status().code() == StatusCode::kInvalidArgument ? "refused" : nullptr;
  }
  switch (answer->result()) {
    case v1::UPLOAD_RESULT_TAKEN:
      return "taken";
    case v1::UPLOAD_RESULT_UNKNOWN_TASK:
      return "not taken, the leader knows no such task";
    case v1::UPLOAD_RESULT_TOO_LATE:
      return "not taken, too late";
    case v1::UPLOAD_RESULT_TOO_EARLY:
      return "not taken, the clocks disagree";
    case v1::UPLOAD_RESULT_TRY_AGAIN:
      return nullptr;
    default:
      return "not taken";
  }
}

}  // namespace

void ReportUploader::OnSessionUp() {
  retries_.clear();
}

void ReportUploader::OnTick() {
  if (sending_) {
    return;
  }
  DropLate();
  if (const SpoolEntry* const next = Next(); next != nullptr) {
    Send(*next);
  }
}

void ReportUploader::DropLate() {
  std::vector<SpoolEntry> late;
  for (const auto& [id, entry] : parts_.spool.entries()) {
    if (parts_.clock.Now() >= entry.uploads_end) {
      late.push_back(entry);
    }
  }
  for (const SpoolEntry& entry : late) {
    Forget(entry, "not sent, no leader was reached in time");
  }
}

const SpoolEntry* ReportUploader::Next() const {
  const SpoolEntry* next = nullptr;
  for (const auto& [id, entry] : parts_.spool.entries()) {
    const auto retry = retries_.find(id);
    const bool waits =
        retry != retries_.end() && parts_.clock.Monotonic() < retry->second.not_before;
    if (!waits && entry.send_at <= parts_.clock.Now() &&
        (next == nullptr || entry.send_at < next->send_at)) {
      next = &entry;
    }
  }
  return next;
}

void ReportUploader::Send(const SpoolEntry& entry) {
  sending_ = true;
  v1::UploadRequest request;
  request.set_report(ToText(entry.upload));
  parts_.client.Upload(request,
                       [this, id = entry.id](const auto& answer) { OnAnswer(id, answer); });
}

void ReportUploader::OnAnswer(const dp::ChargeId& id, const StatusOr<v1::UploadResponse>& answer) {
  sending_ = false;
  const auto found = parts_.spool.entries().find(id);
  if (found == parts_.spool.entries().end()) {
    return;
  }
  const char* const word = FinalWord(answer);
  if (word == nullptr) {
    TryAgain(found->second);
  } else {
    Forget(SpoolEntry(found->second), word);
  }
  OnTick();
}

void ReportUploader::TryAgain(const SpoolEntry& entry) {
  auto found = retries_.find(entry.id);
  if (found == retries_.end()) {
    found = retries_.emplace(entry.id, Retry{Backoff(RetryOf(entry), parts_.random), {}}).first;
  }
  found->second.not_before = parts_.clock.Monotonic() + found->second.backoff.Next();
}

void ReportUploader::Forget(const SpoolEntry& entry, const char* result) {
  retries_.erase(entry.id);
  // Written down first: a line may stand twice after a crash, but none is missing.
  parts_.log.Add({entry.metric, entry.window_start, entry.window, entry.upload.size()}, result,
                 parts_.clock.Now());
  if (const Status removed = parts_.spool.Remove(entry.id); !removed.ok()) {
    LogStatus(LogLevel::kWarning, "health.spool_not_removed", removed);
  }
}

}  // namespace flotilla::agent

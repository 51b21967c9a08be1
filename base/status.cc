#include "base/status.h"

#include <cerrno>

#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/cord.h"

namespace flotilla {
namespace {

constexpr char kReasonUrl[] = "flotilla/failure-reason";

StatusCode CodeOfErrno(int error_number) {
  switch (error_number) {
    case ENOENT:
      return StatusCode::kNotFound;
    case EEXIST:
      return StatusCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return StatusCode::kResourceExhausted;
    case EACCES:
    case EPERM:
      return StatusCode::kPermissionDenied;
    case EROFS:
    case ENOTDIR:
    case EISDIR:
    case ENOTEMPTY:
      return StatusCode::kFailedPrecondition;
    case ETIMEDOUT:
      return StatusCode::kDeadlineExceeded;
    case EIO:
      return StatusCode::kDataLoss;
    default:
      return StatusCode::kUnavailable;
  }
}

}  // namespace

Status Aborted(const std::string& text) {
  return absl::AbortedError(text);
}
Status AlreadyExists(const std::string& text) {
  return absl::AlreadyExistsError(text);
}
Status Cancelled(const std::string& text) {
  return absl::CancelledError(text);
}
Status DataLoss(const std::string& text) {
  return absl::DataLossError(text);
}
Status DeadlineExceeded(const std::string& text) {
  return absl::DeadlineExceededError(text);
}
Status FailedPrecondition(const std::string& text) {
  return absl::FailedPreconditionError(text);
}
Status Internal(const std::string& text) {
  return absl::InternalError(text);
}
Status InvalidArgument(const std::string& text) {
  return absl::InvalidArgumentError(text);
}
Status NotFound(const std::string& text) {
  return absl::NotFoundError(text);
}
Status PermissionDenied(const std::string& text) {
  return absl::PermissionDeniedError(text);
}
Status ResourceExhausted(const std::string& text) {
  return absl::ResourceExhaustedError(text);
}
Status Unauthenticated(const std::string& text) {
  return absl::UnauthenticatedError(text);
}
Status Unavailable(const std::string& text) {
  return absl::UnavailableError(text);
}
Status Unimplemented(const std::string& text) {
  return absl::UnimplementedError(text);
}

Status ErrnoStatus(int error_number, const std::string& what) {
  return Status(CodeOfErrno(error_number),
                what + ": " + std::generic_category().message(error_number));
}

Status WithReasonNumber(Status status, int reason) {
  if (!status.ok() && !status.GetPayload(kReasonUrl).has_value()) {
    status.SetPayload(kReasonUrl, absl::Cord(std::to_string(reason)));
  }
  return status;
}

int ReasonNumber(const Status& status) {
  const auto payload = status.GetPayload(kReasonUrl);
  return payload.has_value() ? std::stoi(std::string(*payload)) : 0;
}

Status Annotate(const Status& status, const std::string& context) {
  if (status.ok()) {
    return status;
  }
  Status annotated(status.code(), context + ": " + MessageOf(status));
  status.ForEachPayload(
      [&annotated](auto url, const absl::Cord& payload) { annotated.SetPayload(url, payload); });
  return annotated;
}

std::string MessageOf(const Status& status) {
  return std::string(status.message().data(), status.message().size());
}

std::string CodeName(StatusCode code) {
  return absl::StatusCodeToString(code);
}

}  // namespace flotilla

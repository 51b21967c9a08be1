// The one way errors travel: absl::Status, whose code says what the caller does and whose payload
// says why.
//
//   UNAVAILABLE, DEADLINE_EXCEEDED     try again with backoff
//   RESOURCE_EXHAUSTED                 later, when something was freed
//   DATA_LOSS                          wrong bytes: ask another source
//   FAILED_PRECONDITION                this device or state does not fit
//   UNAUTHENTICATED, PERMISSION_DENIED trust
//   INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, ABORTED  the caller's request
//   INTERNAL                           a bug of ours
#ifndef FLOTILLA_BASE_STATUS_H_
#define FLOTILLA_BASE_STATUS_H_

#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace flotilla {

using Status = absl::Status;
template <typename T>
using StatusOr = absl::StatusOr<T>;
using StatusCode = absl::StatusCode;

inline Status OkStatus() {
  return absl::OkStatus();
}

Status Aborted(const std::string& text);
Status AlreadyExists(const std::string& text);
Status Cancelled(const std::string& text);
Status DataLoss(const std::string& text);
Status DeadlineExceeded(const std::string& text);
Status FailedPrecondition(const std::string& text);
Status Internal(const std::string& text);
Status InvalidArgument(const std::string& text);
Status NotFound(const std::string& text);
Status PermissionDenied(const std::string& text);
Status ResourceExhausted(const std::string& text);
Status Unauthenticated(const std::string& text);
Status Unavailable(const std::string& text);
Status Unimplemented(const std::string& text);

// UNAVAILABLE, RESOURCE_EXHAUSTED (ENOSPC, EDQUOT), NOT_FOUND, ... by errno; the text names `what`
// and the errno.
Status ErrnoStatus(int error_number, const std::string& what);

// Attaches the typed reason (a value of proto FailureReason; base knows only the number). Keeps an
// OK status OK. A reason that is already there stays: the place nearest to the cause knows best.
Status WithReasonNumber(Status status, int reason);
template <typename E>
Status WithReason(Status status, E reason) {
  static_assert(std::is_enum_v<E>);
  return WithReasonNumber(std::move(status), static_cast<int>(reason));
}
// 0 where no reason was attached.
int ReasonNumber(const Status& status);

// "context: message", same code, same payload. For adding what the caller was doing.
Status Annotate(const Status& status, const std::string& context);

// The std::string of a status's message (Debian's Abseil has its own string_view).
std::string MessageOf(const Status& status);
// "DATA_LOSS".
std::string CodeName(StatusCode code);

}  // namespace flotilla

#define FLOTILLA_STATUS_CONCAT_INNER(a, b) a##b
#define FLOTILLA_STATUS_CONCAT(a, b) FLOTILLA_STATUS_CONCAT_INNER(a, b)

#define FLOTILLA_RETURN_IF_ERROR(expression)           \
  do {                                                 \
    ::flotilla::Status flotilla_status = (expression); \
    if (!flotilla_status.ok()) {                       \
      return flotilla_status;                          \
    }                                                  \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): `target` is a declaration, which parentheses would break
#define FLOTILLA_ASSIGN_OR_RETURN_INNER(holder, target, expression) \
  auto holder = (expression);                                       \
  if (!holder.ok()) {                                               \
    return std::move(holder).status();                              \
  }                                                                 \
  target = std::move(holder).value()

#define FLOTILLA_ASSIGN_OR_RETURN(target, expression)                                            \
  FLOTILLA_ASSIGN_OR_RETURN_INNER(FLOTILLA_STATUS_CONCAT(flotilla_status_or_, __LINE__), target, \
                                  expression)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // FLOTILLA_BASE_STATUS_H_

#include "ota/storage_reason.h"

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {
namespace {

Status WithReasonByCode(const Status& status, v1::FailureReason other) {
  switch (status.code()) {
    case StatusCode::kResourceExhausted:
      return WithReason(status, v1::FAILURE_REASON_STORAGE_NO_SPACE);
    case StatusCode::kFailedPrecondition:
      return WithReason(status, v1::FAILURE_REASON_STORAGE_READ_ONLY);
    default:
      return WithReason(status, other);
  }
}

}  // namespace

Status WithStorageReason(const Status& status) {
  return WithReasonByCode(status, v1::FAILURE_REASON_STORAGE_IO);
}

Status WithSyncReason(const Status& status) {
  return WithReasonByCode(status, v1::FAILURE_REASON_STORAGE_SYNC_FAILED);
}

}  // namespace flotilla::ota

#include "ota/steps/refresh_metadata.h"

#include <stop_token>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {
namespace {

constexpr int kMaxTries = 8;  // of 256 roots each

}  // namespace

Status RefreshMetadata(tuf::TufClient& tuf, Time now, const std::stop_token& stop) {
  Status status;
  for (int i = 0; i < kMaxTries; ++i) {
    if (stop.stop_requested()) {
      return Cancelled("stopped before the metadata was fresh");
    }
    status = tuf.Refresh(now);
    if (ReasonNumber(status) != v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG) {
      break;
    }
  }
  return status;
}

}  // namespace flotilla::ota

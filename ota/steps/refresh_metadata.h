#ifndef FLOTILLA_OTA_STEPS_REFRESH_METADATA_H_
#define FLOTILLA_OTA_STEPS_REFRESH_METADATA_H_

#include <stop_token>

#include "base/status.h"
#include "base/time.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

// Brings the trust metadata up to date at `now`, going on where a very long root chain was cut off.
// Idempotent. Errors of TufClient::Refresh; CANCELLED between two tries.
Status RefreshMetadata(tuf::TufClient& tuf, Time now, const std::stop_token& stop);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_REFRESH_METADATA_H_

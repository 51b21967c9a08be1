#ifndef FLOTILLA_OTA_STEPS_READ_TARGET_H_
#define FLOTILLA_OTA_STEPS_READ_TARGET_H_

#include <cstdint>
#include <stop_token>

#include "base/bytes.h"
#include "base/status.h"
#include "ota/fetch/blob_fetcher.h"
#include "ota/store.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

// The bytes of a small target: those in the store under `kind` (kUnspecified: not looked for), else
// fetched into memory and checked against every hash the metadata lists. Blocking. Errors:
// DATA_LOSS with TRUST_LENGTH_MISMATCH (longer than `max_bytes`) or TRUST_HASH_MISMATCH; those of
// the fetcher.
StatusOr<Bytes> ReadTarget(const tuf::TargetInfo& target, BlobKind kind, std::uint64_t max_bytes,
                           const Store& store, BlobFetcher& fetcher, const std::stop_token& stop);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_READ_TARGET_H_

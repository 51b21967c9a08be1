#ifndef FLOTILLA_OTA_STEPS_FETCH_H_
#define FLOTILLA_OTA_STEPS_FETCH_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "ota/fetch/blob_fetcher.h"
#include "ota/format/leaf_map.h"
#include "ota/store.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

// Bytes and the record of them become durable after so many, or after the time.
inline constexpr std::uint64_t kCheckpointBytes = std::uint64_t{16} << 20;
inline constexpr Duration kCheckpointTime = absl::Seconds(5);
// How often one leaf is asked for before its source counts as bad.
inline constexpr int kMaxLeafTries = 3;

struct FetchJob {
  tuf::TargetInfo target;
  LeafMap map;
  Digest map_sha256;
};

struct FetchPorts {
  BlobFetcher& fetcher;
  Store& store;
  DurableFs& fs;
  Clock& clock;
};

struct FetchResult {
  // Of the whole file, when all of it came in this call, in order.
  std::optional<Digest> sha256;
};

// Fills staging/<sha256>.part with the leaves that are missing, each checked against the map before
// it is written, and keeps in <sha256>.idx which are durable. After a kill at most one leaf is
// asked for again, after a power cut at most what came since the last checkpoint, after a lost link
// nothing but the leaf that was cut. `on_bytes` hears how many bytes came over the network.
// Blocking. Errors: those of the fetcher (progress is kept); CANCELLED (kept); DATA_LOSS with
// INSTALL_CHUNK_MISMATCH: a leaf was wrong kMaxLeafTries times (the others are kept), with
// TRUST_LENGTH_MISMATCH: the map is of another file; STORAGE_*: after a failed sync the part is
// thrown away.
StatusOr<FetchResult> FetchArtifact(const FetchJob& job, const FetchPorts& ports,
                                    const std::function<void(std::uint64_t)>& on_bytes,
                                    const std::stop_token& stop);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_FETCH_H_

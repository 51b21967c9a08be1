// An aggregator's share of one batch on its way to the collector, and the collector's part
// (draft-ietf-ppm-dap-18 sections 4.6.6 and 4.6.7).
#ifndef FLOTILLA_TELEMETRY_DAP_AGGREGATE_SHARE_H_
#define FLOTILLA_TELEMETRY_DAP_AGGREGATE_SHARE_H_

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "telemetry/dap/batch_bucket.h"
#include "telemetry/dap/collection_messages.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/hpke_config.h"
#include "telemetry/dap/task.h"

namespace flotilla::dap {

// Adds fresh noise of the task's policy and seals for the collector: an encoded HpkeCiphertext
// (AggregateShare). To be called once for a batch; the answer is stored before it leaves.
// INVALID_ARGUMENT: a bucket of another task, or a key that nothing can be sealed for.
StatusOr<Bytes> SealNoisyShare(const Task& task, const BatchBucket& bucket,
                               const CollectionRequest& request, Role sender,
                               const HpkeConfig& collector, Random& random);

// Both shares opened and added up: one count for each bucket, noise included, so it may be
// negative. NOT_FOUND: sealed for a key that `keys` has not; UNAUTHENTICATED: sealed for another
// key, task, batch or role; INVALID_ARGUMENT: malformed; OUT_OF_RANGE: the shares do not belong
// together.
StatusOr<std::vector<std::int64_t>> OpenAggregate(const Task& task,
                                                  const CollectionRequest& request,
                                                  const HpkeKeyring& keys, ByteView leader_share,
                                                  ByteView helper_share);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_AGGREGATE_SHARE_H_

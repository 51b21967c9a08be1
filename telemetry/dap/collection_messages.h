// What is asked for and answered when a batch is collected (draft-ietf-ppm-dap-18 sections 4.6.1,
// 4.6.4, 4.6.7 and 5.1). A batch of this project is one window of the task, so query and selector
// name the same interval.
#ifndef FLOTILLA_TELEMETRY_DAP_COLLECTION_MESSAGES_H_
#define FLOTILLA_TELEMETRY_DAP_COLLECTION_MESSAGES_H_

#include <cstdint>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/task_configuration.h"

namespace flotilla::dap {

// CollectionJobReq: the query's interval. No aggregation parameter, no extensions.
struct CollectionRequest {
  Interval interval;

  // INVALID_ARGUMENT.
  static StatusOr<CollectionRequest> Decode(ByteView bytes);
  Bytes Encode() const;
  friend bool operator==(const CollectionRequest&, const CollectionRequest&) = default;
};

// AggregateShareReq.
struct AggregateShareRequest {
  CollectionRequest collection;
  Interval selector;
  std::uint64_t report_count = 0;
  Digest checksum;

  // INVALID_ARGUMENT.
  static StatusOr<AggregateShareRequest> Decode(ByteView bytes);
  Bytes Encode() const;
  friend bool operator==(const AggregateShareRequest&, const AggregateShareRequest&) = default;
};

// AggregateShareAad, the associated data of an aggregate share:
// task_id || task_configuration || collection_job_req.
Bytes AggregateShareAad(const TaskId& task, ByteView encoded_configuration,
                        const CollectionRequest& request);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_COLLECTION_MESSAGES_H_

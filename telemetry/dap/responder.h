// The helper of one task (it answers what the leader asks), without transport and storage: it
// verifies its halves of reports, counts registered devices for itself, and gives its noisy share
// of a batch away once.
#ifndef FLOTILLA_TELEMETRY_DAP_RESPONDER_H_
#define FLOTILLA_TELEMETRY_DAP_RESPONDER_H_

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/aggregator_keys.h"
#include "telemetry/dap/aggregator_store.h"
#include "telemetry/dap/task.h"
#include "telemetry/vdaf/ping_pong.h"

namespace flotilla::dap {

// All references outlive it. One thread at a time. Keeps nothing but what is in the store: it may
// die at any moment, and the same request then gets the answer it would have got.
class Responder {
 public:
  // INVALID_ARGUMENT: not a task for two aggregators.
  static StatusOr<Responder> Create(const Task& task, const AggregatorKeys& keys,
                                    const ReportingKeys& devices, AggregatorStore& store,
                                    Random& random);

  // An AggregationRequest, answered by an AggregationResponse in the same order. Every report that
  // is not refused there is in the sum, exactly once. A request that was answered before gets the
  // same bytes. INVALID_ARGUMENT: malformed; else as of the store, and then nothing has changed.
  StatusOr<Bytes> Aggregate(ByteView request, Time now);

  // An AggregateShareRequest, answered by an encoded HpkeCiphertext for the collector. The same
  // request gets the same bytes. INVALID_ARGUMENT: malformed, or not exactly one window;
  // ALREADY_EXISTS: the window was collected by another request; FAILED_PRECONDITION: not over, or
  // too few distinct devices; ABORTED: leader and helper do not have the same reports; else as of
  // the store. No error changes anything.
  StatusOr<Bytes> ShareOf(ByteView request, Time now);

 private:
  Responder(const Task& task, const AggregatorKeys& keys, const ReportingKeys& devices,
            AggregatorStore& store, Random& random, const vdaf::PingPong& verifier)
      : task_(&task),
        keys_(&keys),
        devices_(&devices),
        store_(&store),
        random_(&random),
        verifier_(verifier) {}

  const Task* task_;
  const AggregatorKeys* keys_;
  const ReportingKeys* devices_;
  AggregatorStore* store_;
  Random* random_;
  vdaf::PingPong verifier_;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_RESPONDER_H_

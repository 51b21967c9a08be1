// The leader of one task, without transport and storage: it takes reports, verifies its halves with
// the helper in one round trip, and collects.
#ifndef FLOTILLA_TELEMETRY_DAP_LEADER_H_
#define FLOTILLA_TELEMETRY_DAP_LEADER_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/aggregator_keys.h"
#include "telemetry/dap/aggregator_store.h"
#include "telemetry/dap/report.h"
#include "telemetry/dap/task.h"
#include "telemetry/vdaf/ping_pong.h"

namespace flotilla::dap {

// A request that is on its way, and what is needed to make sense of the answer. Secret. Not worth
// storing: Start makes the same request of the same reports again.
struct LeaderJob {
  struct Pending {
    ReportMetadata metadata;
    vdaf::VerifyState state;
  };

  Bytes request;  // an AggregationRequest; empty when no report is left
  std::vector<Pending> pending;
  std::vector<std::pair<ReportId, ReportError>> refused;
};

struct LeaderVerdict {
  std::uint64_t accepted = 0;
  std::vector<std::pair<ReportId, ReportError>> refused;
};

// What the collector gets of the leader, and what the helper is asked.
struct LeaderCollection {
  Bytes request;  // an AggregateShareRequest
  Bytes share;    // an encoded HpkeCiphertext: the leader's own
};

// All references outlive it. One thread at a time.
class Leader {
 public:
  // INVALID_ARGUMENT: not a task for two aggregators.
  static StatusOr<Leader> Create(const Task& task, const AggregatorKeys& keys,
                                 AggregatorStore& store, Random& random);

  // Whether an uploaded report is worth keeping; kNone says so. INVALID_ARGUMENT: not a report of
  // this task's size; else as of the store. Cheap: nothing is opened.
  StatusOr<ReportError> Screen(ByteView report, Time now) const;

  // Opens the leader's halves of up to kMaxReportsOfJob reports and begins to verify them. The same
  // reports, in the same order and at the same state of the store, make the same request.
  // INVALID_ARGUMENT: too many; else as of the store.
  StatusOr<LeaderJob> Start(std::span<const Bytes> reports, Time now) const;

  // Adds up what both aggregators have verified. ABORTED: the answer is not one to this request,
  // and nothing has changed; else as of the store.
  StatusOr<LeaderVerdict> Finish(const LeaderJob& job, ByteView response);

  // Closes a window and draws this aggregator's noise, once; the same result whenever it is asked
  // again. To be called when no job with reports of the window is open. Errors as of
  // CheckCollectable and the store.
  StatusOr<LeaderCollection> Collect(WindowStart window, Time now);

 private:
  Leader(const Task& task, const AggregatorKeys& keys, AggregatorStore& store, Random& random,
         const vdaf::PingPong& verifier)
      : task_(&task), keys_(&keys), store_(&store), random_(&random), verifier_(verifier) {}

  // kNone, and `job` has one more pending report and `request` one more init.
  StatusOr<ReportError> Prepare(const Report& report, Time now, LeaderJob& job,
                                AggregationRequest& request) const;
  // kNone, and `commit` has the report.
  StatusOr<ReportError> Settle(const LeaderJob::Pending& pending, const VerifyResponse& response,
                               AggregatorCommit& commit) const;

  const Task* task_;
  const AggregatorKeys* keys_;
  AggregatorStore* store_;
  Random* random_;
  vdaf::PingPong verifier_;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_LEADER_H_

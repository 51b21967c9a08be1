// Ports: what an aggregator must not forget, and which devices are registered.
#ifndef FLOTILLA_TELEMETRY_DAP_AGGREGATOR_STORE_H_
#define FLOTILLA_TELEMETRY_DAP_AGGREGATOR_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "security/public_key.h"
#include "telemetry/dap/batch_bucket.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dp/key_budget.h"

namespace flotilla::dap {

// A window that was collected: it takes no more reports. The answer has its noise in it, drawn
// once.
struct CollectedWindow {
  Digest request;  // SHA-256 of the request that it was collected for
  Bytes answer;
};

// What one call changes; empty where it changes nothing.
struct AggregatorCommit {
  TaskId task;
  std::vector<std::pair<WindowStart, ReportId>> reports;  // verified now, or in vain
  std::vector<std::pair<KeyId, dp::KeyCharge>> charges;
  std::map<WindowStart, BatchBucket> buckets;      // new values
  std::optional<std::pair<Digest, Bytes>> answer;  // by the SHA-256 of its request
  WindowStart answer_window = 0;                   // newest window that the answer is about
  std::map<WindowStart, CollectedWindow> collected;
};

// One store serves one role; leader and helper never share one. Blocking. The aggregator calls it
// from one thread at a time for a task, so that nothing changes between its reads and its Commit.
// Every method: UNAVAILABLE or as the storage says, nothing changed.
class AggregatorStore {
 public:
  virtual ~AggregatorStore() = default;

  virtual StatusOr<std::optional<Bytes>> FindAnswer(const TaskId& task,
                                                    const Digest& request) const = 0;
  // May forget the reports of a window, and the answers of its jobs, once ClosesAt (admission.h)
  // has passed; whatever comes then is dropped for its time.
  virtual StatusOr<bool> HasReport(const TaskId& task, const ReportId& report) const = 0;
  // All of the last dp::kBudgetWindow and later, of all tasks.
  virtual StatusOr<std::vector<dp::KeyCharge>> ChargesOf(const KeyId& key) const = 0;
  virtual StatusOr<std::optional<BatchBucket>> FindBucket(const TaskId& task,
                                                          WindowStart window) const = 0;
  // Never forgets as long as the task is known.
  virtual StatusOr<std::optional<CollectedWindow>> FindCollected(const TaskId& task,
                                                                 WindowStart window) const = 0;
  // All or nothing; durable when it returns OK. After any error the aggregator must be asked again
  // with the same request: whether the commit took place shows then.
  virtual Status Commit(const AggregatorCommit& commit) = 0;

 protected:
  AggregatorStore() = default;
  AggregatorStore(const AggregatorStore&) = default;
  AggregatorStore& operator=(const AggregatorStore&) = default;
};

// The reporting keys that the owner of the devices has registered with the helper.
class ReportingKeys {
 public:
  virtual ~ReportingKeys() = default;
  // NOT_FOUND: not registered, or not any more.
  virtual StatusOr<security::PublicKey> Find(const KeyId& key) const = 0;

 protected:
  ReportingKeys() = default;
  ReportingKeys(const ReportingKeys&) = default;
  ReportingKeys& operator=(const ReportingKeys&) = default;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_AGGREGATOR_STORE_H_

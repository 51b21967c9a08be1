#ifndef FLOTILLA_TESTS_SUPPORT_MEMORY_AGGREGATOR_STORE_H_
#define FLOTILLA_TESTS_SUPPORT_MEMORY_AGGREGATOR_STORE_H_

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "telemetry/dap/aggregator_store.h"

namespace flotilla::dap {

// Forgets nothing; can be told to fail.
class MemoryAggregatorStore final : public AggregatorStore {
 public:
  enum class Fault { kNone = 0, kBeforeCommit, kAfterCommit };

  StatusOr<std::optional<Bytes>> FindAnswer(const TaskId& task,
                                            const Digest& request) const override;
  StatusOr<bool> HasReport(const TaskId& task, const ReportId& report) const override;
  StatusOr<std::vector<dp::KeyCharge>> ChargesOf(const KeyId& key) const override;
  StatusOr<std::optional<BatchBucket>> FindBucket(const TaskId& task,
                                                  WindowStart window) const override;
  StatusOr<std::optional<CollectedWindow>> FindCollected(const TaskId& task,
                                                         WindowStart window) const override;
  Status Commit(const AggregatorCommit& commit) override;

  // The next Commit answers UNAVAILABLE, having done nothing or everything.
  void FailNextCommit(Fault fault) { fault_ = fault; }
  int commits() const { return commits_; }

 private:
  void Apply(const AggregatorCommit& commit);

  std::map<std::pair<TaskId, Digest>, Bytes> answers_;
  std::set<std::pair<TaskId, ReportId>> reports_;
  std::map<KeyId, std::vector<dp::KeyCharge>> charges_;
  std::map<std::pair<TaskId, WindowStart>, BatchBucket> buckets_;
  std::map<std::pair<TaskId, WindowStart>, CollectedWindow> collected_;
  Fault fault_ = Fault::kNone;
  int commits_ = 0;
};

class MemoryReportingKeys final : public ReportingKeys {
 public:
  void Register(const KeyId& id, const security::PublicKey& key) { keys_.emplace(id, key); }
  void Remove(const KeyId& id) { keys_.erase(id); }
  StatusOr<security::PublicKey> Find(const KeyId& key) const override;

 private:
  std::map<KeyId, security::PublicKey> keys_;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TESTS_SUPPORT_MEMORY_AGGREGATOR_STORE_H_

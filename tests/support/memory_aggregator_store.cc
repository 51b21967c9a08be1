#include "tests/support/memory_aggregator_store.h"

#include <utility>

namespace flotilla::dap {
namespace {

template <typename Map, typename Key>
std::optional<typename Map::mapped_type> Find(const Map& map, const Key& key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

}  // namespace

StatusOr<std::optional<Bytes>> MemoryAggregatorStore::FindAnswer(const TaskId& task,
                                                                 const Digest& request) const {
  return dap::Find(answers_, std::pair(task, request));
}

StatusOr<bool> MemoryAggregatorStore::HasReport(const TaskId& task, const ReportId& report) const {
  return reports_.contains({task, report});
}

StatusOr<std::vector<dp::KeyCharge>> MemoryAggregatorStore::ChargesOf(const KeyId& key) const {
  return dap::Find(charges_, key).value_or(std::vector<dp::KeyCharge>());
}

StatusOr<std::optional<BatchBucket>> MemoryAggregatorStore::FindBucket(const TaskId& task,
                                                                       WindowStart window) const {
  return dap::Find(buckets_, std::pair(task, window));
}

StatusOr<std::optional<CollectedWindow>> MemoryAggregatorStore::FindCollected(
    const TaskId& task, WindowStart window) const {
  return dap::Find(collected_, std::pair(task, window));
}

Status MemoryAggregatorStore::Commit(const AggregatorCommit& commit) {
  const Fault fault = std::exchange(fault_, Fault::kNone);
  if (fault != Fault::kBeforeCommit) Apply(commit);
  return fault == Fault::kNone ? OkStatus() : Unavailable("the store is away");
}

void MemoryAggregatorStore::Apply(const AggregatorCommit& commit) {
  ++commits_;
  for (const auto& [window, report] : commit.reports) reports_.emplace(commit.task, report);
  for (const auto& [key, charge] : commit.charges) charges_[key].push_back(charge);
  for (const auto& [window, bucket] : commit.buckets) buckets_[{commit.task, window}] = bucket;
  if (commit.answer.has_value()) {
    answers_[{commit.task, commit.answer->first}] = commit.answer->second;
  }
  for (const auto& [window, collected] : commit.collected) {
    collected_[{commit.task, window}] = collected;
  }
}

StatusOr<security::PublicKey> MemoryReportingKeys::Find(const KeyId& key) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return NotFound("no such reporting key");
  return found->second;
}

}  // namespace flotilla::dap

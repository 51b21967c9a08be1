#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_AGGREGATION_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_AGGREGATION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/random.h"
#include "controller/health/aggregation_client.h"
#include "security/key_file.h"
#include "telemetry/dap/aggregator_keys.h"
#include "telemetry/dap/responder.h"
#include "telemetry/dap/task.h"
#include "tests/support/memory_aggregator_store.h"

namespace flotilla::controller {

// The real second aggregator without transport and disk: dap::Responder over memory. Answers before
// the call returns. Thread-safe.
class FakeHelper final : public HelperClient {
 public:
  FakeHelper(const Clock& clock, Random& random);

  void GetHelperKeys(Done<HelperKeys> done) override;
  void PutTask(const HelperTask& task, Done<dap::TaskId> done) override;
  void InitJob(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) override;
  void ShareAggregate(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) override;

  // Of a device's reporting key, as its owner does.
  void Register(const security::PublicKey& key);
  // Answers UNAVAILABLE from now on, or again as it should.
  void GoAway() { away_ = true; }
  void ComeBack() { away_ = false; }
  const security::PublicKey& identity() const { return identity_->public_key(); }
  const Bytes& hpke_configs() const { return configs_; }
  dap::MemoryAggregatorStore& store() { return store_; }
  std::uint64_t jobs() const { return jobs_; }

 private:
  struct Served;
  StatusOr<dap::TaskId> Take(const HelperTask& task);
  StatusOr<dap::Responder*> Find(const dap::TaskId& task);

  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::unique_ptr<security::KeyPair> identity_;
  Bytes private_key_;
  Bytes configs_;
  dap::MemoryAggregatorStore store_;
  dap::MemoryReportingKeys devices_;
  std::uint32_t registered_ = 0;
  std::map<dap::TaskId, std::shared_ptr<Served>> tasks_;
  bool away_ = false;
  std::uint64_t jobs_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_AGGREGATION_H_

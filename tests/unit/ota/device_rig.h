#ifndef FLOTILLA_TESTS_UNIT_OTA_DEVICE_RIG_H_
#define FLOTILLA_TESTS_UNIT_OTA_DEVICE_RIG_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/durable_fs.h"
#include "base/os_durable_fs.h"
#include "ota/update_runner.h"
#include "security/tuf/client.h"
#include "tests/support/fake_executor.h"
#include "tests/support/memory_blob_fetcher.h"
#include "tests/support/release_repository.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::ota {

// Answers what the test says and remembers what it was asked.
class FakeSelfTester final : public SelfTester {
 public:
  StatusOr<v1::GoldenScore> Test(const v1::InstalledRelease& candidate,
                                 const std::optional<v1::InstalledRelease>& running,
                                 const std::stop_token& stop) override;

  void Answer(std::uint32_t correct, std::uint32_t running_correct, std::uint32_t total);
  void Fail(Status status) { failure_ = std::move(status); }
  const std::vector<v1::InstalledRelease>& tested() const { return tested_; }

 private:
  v1::GoldenScore score_;
  Status failure_;
  std::vector<v1::InstalledRelease> tested_;
};

class RecordingObserver final : public UpdateObserver {
 public:
  void OnState(v1::DeploymentState state, std::uint64_t bytes_fetched) override {
    states.push_back(state);
    last_bytes = bytes_fetched;
  }
  std::vector<v1::DeploymentState> states;
  std::uint64_t last_bytes = 0;
};

// The world around one device: publisher, server, clock, self-test.
struct World {
  World();
  v1::ReleaseRef Release(const std::string& version, std::uint64_t counter, std::uint32_t seed);
  // The model of `base` (a release of this world) with one more file of each kind; or, for none, a
  // model of matrices that adapters fit.
  v1::ReleaseRef ReleaseSet(const std::string& version, std::uint64_t counter,
                            const std::optional<VariantFile>& base, float strength);

  FakeExecutor clock;
  SeededRandom random;
  MemoryBlobFetcher blobs;
  ReleaseRepository repository;
  FakeSelfTester tester;
};

// One life of the agent's updater over a state folder.
class DeviceRig {
 public:
  DeviceRig(World& world, std::filesystem::path state_dir, DurableFs& fs);

  // Opens everything and recovers the line; plan() says how.
  Status Start();
  StatusOr<PrepareResult> Prepare(const v1::ReleaseRef& ref,
                                  const std::stop_token& stop = std::stop_token());
  // Prepare, Activate, CountAttempt, Confirm.
  Status Update(const v1::ReleaseRef& ref);

  LineSlots& slots() { return *slots_; }
  Store& store() { return *store_; }
  UpdateRunner& runner() { return *runner_; }
  const RecoveryPlan& plan() const { return plan_; }
  const PrepareTrace& trace() const { return trace_; }
  RecordingObserver& observer() { return observer_; }
  UpdateRunnerOptions& options() { return options_; }
  // "1.0.0"; empty when nothing is installed.
  std::string current() const { return slots_->active().current().ref().version(); }

 private:
  World& world_;
  DurableFs& fs_;
  UpdateRunnerOptions options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<LineSlots> slots_;
  std::unique_ptr<tuf::TufClient> tuf_;
  std::unique_ptr<UpdateRunner> runner_;
  RecoveryPlan plan_;
  PrepareTrace trace_;
  RecordingObserver observer_;
};

// True when what the line would start is whole: each file has the digest of its name.
bool IsRunnable(const Store& store, const v1::InstalledRelease& release);

ModelLine TestLine();

}  // namespace flotilla::ota

#endif  // FLOTILLA_TESTS_UNIT_OTA_DEVICE_RIG_H_

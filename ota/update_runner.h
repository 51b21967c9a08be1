// An update of one line up to its commit point: refresh_metadata -> verify_release ->
// check_compatibility -> reserve_space -> fetch -> verify_artifact -> stage_slot -> self_test. Each
// step is idempotent and journalled, so that Prepare is called again with the same assignment after
// a crash, a lost link or a cancel and goes on where it was.
#ifndef FLOTILLA_OTA_UPDATE_RUNNER_H_
#define FLOTILLA_OTA_UPDATE_RUNNER_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "ota/disk_space.h"
#include "ota/fetch/blob_fetcher.h"
#include "ota/line_slots.h"
#include "ota/self_tester.h"
#include "ota/store.h"
#include "security/public_key.h"

namespace flotilla::tuf {
class TufClient;
}  // namespace flotilla::tuf

namespace flotilla::ota {

// Port: told of progress, on the thread that runs Prepare; must not block. DOWNLOADING comes again
// at least every 16 MiB. `bytes_fetched` counts what came over the network in this call.
class UpdateObserver {
 public:
  virtual ~UpdateObserver() = default;
  virtual void OnState(v1::DeploymentState state, std::uint64_t bytes_fetched) = 0;

 protected:
  UpdateObserver() = default;
  UpdateObserver(const UpdateObserver&) = default;
  UpdateObserver& operator=(const UpdateObserver&) = default;
};

struct UpdateRunnerOptions {
  std::filesystem::path state_dir;  // absolute
  v1::DeviceFacts facts;
  std::string agent_version;   // "0.1.0"
  std::string engine_version;  // "0.5.0"; empty: not checked
  // Free space that an update must leave: the larger of the two (delta.md).
  std::uint32_t reserve_percent = 5;
  std::uint64_t reserve_bytes = std::uint64_t{256} << 20;
  // What the store and its downloads may hold; 0: no limit but the disk.
  std::uint64_t disk_budget_bytes = 0;
  // Keys of operators whose signature on a rollout this device asks for, and of how many; none: of
  // nobody.
  std::vector<security::PublicKey> approvers;
  std::size_t approver_threshold = 1;
  // Space of the file system that holds the path; empty: the operating system's answer.
  DiskProbe disk_space;
};

enum class PrepareOutcome {
  kUnspecified = 0,
  kAlreadyCurrent,  // the line runs this release; nothing was asked, nothing was done
  kReady,           // staged and self-tested: activate it when the window allows
};

struct PrepareResult {
  PrepareOutcome outcome = PrepareOutcome::kUnspecified;
  v1::InstalledRelease release;
  std::string txn;  // for LineSlots::Activate; empty for kAlreadyCurrent
  std::optional<v1::GoldenScore> score;
  std::uint64_t bytes_fetched = 0;
};

// What a self-test ended in, for the report. Prepare's error carries the code and the reason; this
// the rest.
struct PrepareTrace {
  std::optional<v1::GoldenScore> score;
  std::string variant;
  std::uint64_t bytes_fetched = 0;
};

// Use from one thread, the update worker. All references must outlive it; cheap to make, keeps
// nothing but references: what it knows lies in the journal.
class UpdateRunner {
 public:
  UpdateRunner(UpdateRunnerOptions options, tuf::TufClient& tuf, BlobFetcher& fetcher, Store& store,
               SelfTester& tester, DurableFs& fs, Clock& clock, Random& random);

  // Brings the assigned release to the point where LineSlots::Activate may be called. Blocking (as
  // long as the download takes). `slots` must be of the assignment's line and recovered. `trace` is
  // filled on success and on error. On an error the running release is untouched:
  //   UNAVAILABLE, DEADLINE_EXCEEDED      the link: call again with backoff; the transaction and
  //   the bytes stay CANCELLED                           `stop`; the transaction and the bytes stay
  //   RESOURCE_EXHAUSTED                  disk: STORAGE_NO_SPACE, STORAGE_BUDGET
  //   PERMISSION_DENIED, UNAUTHENTICATED,
  //   INVALID_ARGUMENT, NOT_FOUND         trust: FORM_*, TRUST_*
  //   FAILED_PRECONDITION                 policy: POLICY_*; INSTALL_SMOKE_FAILED,
  //   INSTALL_LOOP_BROKEN DATA_LOSS                           wrong bytes: INSTALL_CHUNK_MISMATCH,
  //   INSTALL_ARTIFACT_MISMATCH, STORAGE_*
  StatusOr<PrepareResult> Prepare(const v1::Assignment& assignment, LineSlots& slots,
                                  UpdateObserver& observer, PrepareTrace& trace,
                                  const std::stop_token& stop);

  // Removes from the store what no line refers to. After Confirm and RollBack.
  Status CollectGarbage();

 private:
  UpdateRunnerOptions options_;
  tuf::TufClient& tuf_;
  BlobFetcher& fetcher_;
  Store& store_;
  SelfTester& tester_;
  DurableFs& fs_;
  Clock& clock_;
  Random& random_;
};

// The state a device reports for a failed Prepare: REJECTED_* for trust and policy, FAILED_REVERTED
// for a release that failed its self-test, FAILED_NO_CHANGE for the rest. Pure.
v1::DeploymentState FailureState(const Status& status);
// True when calling Prepare again later may succeed without anybody doing anything.
bool IsRetryable(const Status& status);
// True for reasons that honest parties do not produce: rollbacks, wrong signatures, wrong bytes.
bool IsAttackSuspected(const Status& status);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_UPDATE_RUNNER_H_

// One run of UpdateRunner::Prepare. Included by update_runner.cc only.
#ifndef FLOTILLA_OTA_PREPARE_RUN_H_
#define FLOTILLA_OTA_PREPARE_RUN_H_

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "flotilla/v1/session.pb.h"

#include "base/status.h"
#include "ota/steps/check_compatibility.h"
#include "ota/steps/fetch.h"
#include "ota/steps/stage_slot.h"
#include "ota/steps/verify_release.h"
#include "ota/update_runner.h"
#include "ota/verified.h"

namespace flotilla::ota {

struct PreparePorts {
  const UpdateRunnerOptions& options;
  tuf::TufClient& tuf;
  BlobFetcher& fetcher;
  Store& store;
  SelfTester& tester;
  DurableFs& fs;
  Clock& clock;
  Random& random;
};

class PrepareRun {
 public:
  PrepareRun(const PreparePorts& ports, const v1::Assignment& assignment, LineSlots& slots,
             UpdateObserver& observer, PrepareTrace& trace, const std::stop_token& stop);

  StatusOr<PrepareResult> Run();

 private:
  // What the publisher signed and this device may run; raises the floor it knows of.
  StatusOr<Verified<SignedRelease>> VerifyAll();
  // The second operator's signatures, where this device asks for them.
  Status CheckApproved() const;
  // Is the transaction of this release staged, so that it may go on without fresh metadata?
  bool IsPinned() const;
  Status RecheckPinned();
  Status Install();
  Status Begin(const InstallPlan& plan);
  // Gives a transaction up that changes its state for ever.
  Status BreakLoop();
  StatusOr<SmallFiles> FetchSmallFiles(const InstallPlan& plan);
  // All files with a leaf map that the store does not have, one after the other, then the check of
  // each and of all together.
  Status FetchLargeFiles(const InstallPlan& plan, const SmallFiles& files);
  StatusOr<FetchResult> FetchLargeFile(const PlannedFile& file, const SmallFiles& files);
  Status Verify(const PlannedFile& file, const FetchResult& fetched);
  Status Test();
  Status Condemn(const Status& status);
  StatusOr<PrepareResult> Finish();
  void CountBytes(std::uint64_t bytes);
  void Tell(v1::DeploymentState state);

  const PreparePorts& ports_;
  const v1::Assignment& assignment_;
  LineSlots& slots_;
  UpdateObserver& observer_;
  PrepareTrace& trace_;
  const std::stop_token& stop_;
  const Time now_;  // one for the whole run
  std::uint64_t told_bytes_ = 0;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_PREPARE_RUN_H_

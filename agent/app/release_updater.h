#ifndef FLOTILLA_AGENT_APP_RELEASE_UPDATER_H_
#define FLOTILLA_AGENT_APP_RELEASE_UPDATER_H_

#include <filesystem>
#include <mutex>
#include <string>

#include "flotilla/v1/session.pb.h"

#include "agent/update/update_worker.h"
#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "ota/store.h"
#include "ota/update_runner.h"
#include "security/tuf/client.h"

namespace flotilla::agent {

// UpdateSteps with the real parts: libcurl with the device's certificate, the TUF client, the
// update runner. SetUrls and versions are thread-safe, the rest is for the update worker.
class ReleaseUpdater final : public UpdateSteps {
 public:
  struct Parts {
    ota::Store& store;
    ota::SelfTester& tester;
    DurableFs& fs;
    Clock& clock;
    Random& random;
  };
  // `factory_root` are the bytes of the root that the device was shipped with.
  ReleaseUpdater(ota::UpdateRunnerOptions options, Bytes factory_root, const Parts& parts);

  // Base URLs from the last Welcome. Without them Prepare is UNAVAILABLE.
  void SetUrls(const v1::Welcome& welcome);
  // As of the last Prepare; all 0 before the first.
  tuf::MetadataVersions versions() const;

  StatusOr<ota::PrepareResult> Prepare(const v1::Assignment& assignment, ota::LineSlots& slots,
                                       ota::UpdateObserver& observer, ota::PrepareTrace& trace,
                                       const std::stop_token& stop) override;
  Status CollectGarbage() override;

 private:
  const ota::UpdateRunnerOptions options_;
  const Bytes factory_root_;
  const Parts parts_;
  mutable std::mutex mutex_;
  std::string metadata_url_;
  std::string targets_url_;
  tuf::MetadataVersions versions_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_RELEASE_UPDATER_H_

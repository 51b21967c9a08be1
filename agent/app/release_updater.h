#ifndef FLOTILLA_AGENT_APP_RELEASE_UPDATER_H_
#define FLOTILLA_AGENT_APP_RELEASE_UPDATER_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"

#include "agent/clock/trust_clock.h"
#include "agent/trust/trust_watch.h"
#include "agent/update/update_worker.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "ota/fetch/bundle_fetcher.h"
#include "ota/fetch/curl_fetcher.h"
#include "ota/store.h"
#include "ota/update_runner.h"
#include "security/http_proxy.h"
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
    TrustClock& clock;
    Random& random;
    // On the worker's thread, after each refresh of the metadata.
    std::function<void(const TrustNews&)> on_refresh;
    // For the network; null: there is none.
    std::shared_ptr<const security::HttpProxy> proxy = nullptr;
  };
  // `factory_root` are the bytes of the root that the device was shipped with.
  ReleaseUpdater(ota::UpdateRunnerOptions options, Bytes factory_root, const Parts& parts);

  // Reads which root this device trusts, without a request. Before anything else.
  Status LoadTrust();
  // Releases that this bundle brings are taken from it, nothing from the network; empty: no bundle.
  void SetBundle(const std::filesystem::path& file);
  // The metadata from the network, and the roles that answer for these targets. Worker's thread.
  Status RefreshTrust(const std::vector<std::string>& target_paths);
  // The same from the bundle: what it brings of releases, each signed as the device asks. Worker's
  // thread; nothing is installed.
  StatusOr<std::vector<v1::ReleaseRef>> CheckBundle(const std::filesystem::path& file);

  // Base URLs from the last Welcome. Without them Prepare is UNAVAILABLE.
  void SetUrls(const v1::Welcome& welcome);
  // As of the last Prepare; all 0 before the first.
  tuf::MetadataVersions versions() const;

  StatusOr<ota::PrepareResult> Prepare(const v1::Assignment& assignment, ota::LineSlots& slots,
                                       ota::UpdateObserver& observer, ota::PrepareTrace& trace,
                                       const std::stop_token& stop) override;
  Status CollectGarbage() override;

 private:
  StatusOr<std::unique_ptr<ota::CurlFetcher>> OpenNetwork(const std::stop_token& stop) const;
  StatusOr<std::unique_ptr<tuf::TufClient>> OpenTuf(tuf::MetadataSource source,
                                                    tuf::MetadataFetcher& fetcher);
  // The attached bundle, when it brings this release.
  std::unique_ptr<ota::BundleFetcher> BundleWith(const v1::Assignment& assignment) const;
  void Tell(const tuf::TufClient& tuf, const Status& status);

  const ota::UpdateRunnerOptions options_;
  const Bytes factory_root_;
  const Parts parts_;
  mutable std::mutex mutex_;
  std::string metadata_url_;
  std::string targets_url_;
  tuf::MetadataVersions versions_;
  std::filesystem::path bundle_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_RELEASE_UPDATER_H_

#include "agent/app/release_updater.h"

#include <memory>
#include <set>
#include <utility>

#include "agent/enrol/identity.h"
#include "ota/fetch/curl_fetcher.h"

namespace flotilla::agent {

ReleaseUpdater::ReleaseUpdater(ota::UpdateRunnerOptions options, Bytes factory_root,
                               const Parts& parts)
    : options_(std::move(options)), factory_root_(std::move(factory_root)), parts_(parts) {}

void ReleaseUpdater::SetUrls(const v1::Welcome& welcome) {
  const std::scoped_lock lock(mutex_);
  metadata_url_ = welcome.metadata_url();
  targets_url_ = welcome.targets_url();
}

tuf::MetadataVersions ReleaseUpdater::versions() const {
  const std::scoped_lock lock(mutex_);
  return versions_;
}

StatusOr<ota::PrepareResult> ReleaseUpdater::Prepare(const v1::Assignment& assignment,
                                                     ota::LineSlots& slots,
                                                     ota::UpdateObserver& observer,
                                                     ota::PrepareTrace& trace,
                                                     const std::stop_token& stop) {
  ota::CurlFetcherOptions fetching;
  {
    const std::scoped_lock lock(mutex_);
    fetching.metadata_url = metadata_url_;
    fetching.targets_url = targets_url_;
  }
  if (fetching.metadata_url.empty()) {
    return WithReason(Unavailable("no controller has said where releases are"),
                      v1::FAILURE_REASON_FETCH_CONNECT);
  }
  fetching.ca_file = CaCertificatePath(options_.state_dir);
  fetching.certificate_file = DeviceCertificatePath(options_.state_dir);
  fetching.key_file = DeviceKeyPath(options_.state_dir);
  fetching.stop = stop;
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<ota::CurlFetcher> fetcher,
                            ota::CurlFetcher::Create(std::move(fetching)));
  tuf::TufClientOptions trust;
  trust.state_dir = options_.state_dir / "tuf";
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<tuf::TufClient> tuf,
                            tuf::TufClient::Open(trust, factory_root_, parts_.fs, *fetcher));
  ota::UpdateRunner runner(options_, *tuf, *fetcher, parts_.store, parts_.tester, parts_.fs,
                           parts_.clock, parts_.random);
  StatusOr<ota::PrepareResult> result = runner.Prepare(assignment, slots, observer, trace, stop);
  const std::scoped_lock lock(mutex_);
  versions_ = tuf->versions();
  return result;
}

Status ReleaseUpdater::CollectGarbage() {
  FLOTILLA_ASSIGN_OR_RETURN(const std::set<Digest> keep, ota::ReferencedBlobs(options_.state_dir));
  return parts_.store.CollectGarbage(keep);
}

}  // namespace flotilla::agent

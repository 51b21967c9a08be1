#include "agent/app/release_updater.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/enrol/identity.h"
#include "base/file.h"
#include "ota/steps/refresh_metadata.h"
#include "ota/steps/verify_release.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxCaBytes = std::uint64_t{64} * 1024;

// Nothing is asked of anybody.
class NoFetcher final : public tuf::MetadataFetcher {
 public:
  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t /*max_bytes*/) override {
    return Unavailable("no request for " + file_name);
  }
};

}  // namespace

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

StatusOr<std::unique_ptr<ota::CurlFetcher>> ReleaseUpdater::OpenNetwork(
    const std::stop_token& stop) const {
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
  fetching.certificate_file = DevicePemPath(options_.state_dir);
  fetching.key_file = DevicePemPath(options_.state_dir);
  fetching.proxy = parts_.proxy;
  fetching.stop = stop;
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes ca, ReadFile(fetching.ca_file, kMaxCaBytes));
  fetching.check_server = [this, ca = ToText(ca)](std::string_view leaf) {
    return parts_.clock.CheckServer(leaf, ca, std::nullopt);  // curl compares the name
  };
  return ota::CurlFetcher::Create(std::move(fetching));
}

StatusOr<std::unique_ptr<tuf::TufClient>> ReleaseUpdater::OpenTuf(tuf::MetadataSource source,
                                                                  tuf::MetadataFetcher& fetcher) {
  tuf::TufClientOptions trust;
  trust.state_dir = options_.state_dir / "tuf";
  trust.source = source;
  return tuf::TufClient::Open(trust, factory_root_, parts_.fs, fetcher);
}

// What the client trusts now, for the clock and for everybody who looks. Its last refresh ended in
// `status`.
void ReleaseUpdater::Tell(const tuf::TufClient& tuf, const Status& status) {
  parts_.clock.OnRoot(tuf.root());
  const TrustNews news{status, tuf.dates()};
  parts_.clock.OnVerified(news.dates);
  {
    const std::scoped_lock lock(mutex_);
    versions_ = tuf.versions();
  }
  parts_.on_refresh(news);
}

Status ReleaseUpdater::LoadTrust() {
  NoFetcher fetcher;
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<tuf::TufClient> tuf,
                            OpenTuf(tuf::MetadataSource::kNetwork, fetcher));
  parts_.clock.OnRoot(tuf->root());
  const std::scoped_lock lock(mutex_);
  versions_ = tuf->versions();
  return OkStatus();
}

void ReleaseUpdater::SetBundle(const std::filesystem::path& file) {
  const std::scoped_lock lock(mutex_);
  bundle_ = file;
}

std::unique_ptr<ota::BundleFetcher> ReleaseUpdater::BundleWith(
    const v1::Assignment& assignment) const {
  std::filesystem::path file;
  {
    const std::scoped_lock lock(mutex_);
    file = bundle_;
  }
  auto bundle = file.empty() ? StatusOr<std::unique_ptr<ota::BundleFetcher>>(NotFound("none"))
                             : ota::BundleFetcher::Open(file);
  if (!bundle.ok()) {
    return nullptr;
  }
  const std::vector<v1::ReleaseRef>& brought = (*bundle)->index().releases;
  const bool has = std::any_of(brought.begin(), brought.end(), [&](const v1::ReleaseRef& release) {
    return release.sha256() == assignment.release().sha256();
  });
  return has ? std::move(bundle).value() : nullptr;
}

Status ReleaseUpdater::RefreshTrust(const std::vector<std::string>& target_paths) {
  const auto fetcher = OpenNetwork({});
  if (!fetcher.ok()) {
    parts_.on_refresh({fetcher.status(), {}});
    return fetcher.status();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<tuf::TufClient> tuf,
                            OpenTuf(tuf::MetadataSource::kNetwork, **fetcher));
  const Time now = parts_.clock.Now();
  Status status = ota::RefreshMetadata(*tuf, now, {});
  for (const std::string& path : target_paths) {
    if (status.ok()) {
      // A release that is gone from the metadata is no reason to call it stale.
      const Status found = tuf->FindTarget(path, now).status();
      status = found.code() == StatusCode::kNotFound ? OkStatus() : found;
    }
  }
  Tell(*tuf, status);
  if (status.ok()) {
    parts_.clock.OnFresh();
  }
  return status;
}

StatusOr<std::vector<v1::ReleaseRef>> ReleaseUpdater::CheckBundle(
    const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<ota::BundleFetcher> bundle,
                            ota::BundleFetcher::Open(file));
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<tuf::TufClient> tuf,
                            OpenTuf(tuf::MetadataSource::kMedium, *bundle));
  const Time now = parts_.clock.Now();
  const Status refreshed = ota::RefreshMetadata(*tuf, now, {});
  Tell(*tuf, refreshed);
  FLOTILLA_RETURN_IF_ERROR(refreshed);
  for (const v1::ReleaseRef& release : bundle->index().releases) {
    ota::ReleaseVerifier verifier(*tuf, *bundle, parts_.store);
    FLOTILLA_RETURN_IF_ERROR(verifier.Verify(release, now, {}).status());
  }
  return bundle->index().releases;
}

StatusOr<ota::PrepareResult> ReleaseUpdater::Prepare(const v1::Assignment& assignment,
                                                     ota::LineSlots& slots,
                                                     ota::UpdateObserver& observer,
                                                     ota::PrepareTrace& trace,
                                                     const std::stop_token& stop) {
  const std::unique_ptr<ota::BundleFetcher> bundle = BundleWith(assignment);
  std::unique_ptr<ota::CurlFetcher> network;
  ota::UpdateRunnerOptions options = options_;
  if (bundle != nullptr) {
    options.approvers.clear();  // whoever stands before the device approves what he brings
  } else {
    FLOTILLA_ASSIGN_OR_RETURN(network, OpenNetwork(stop));
  }
  tuf::MetadataFetcher& metadata =
      bundle != nullptr ? static_cast<tuf::MetadataFetcher&>(*bundle) : *network;
  ota::BlobFetcher& blobs = bundle != nullptr ? static_cast<ota::BlobFetcher&>(*bundle) : *network;
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::unique_ptr<tuf::TufClient> tuf,
      OpenTuf(bundle != nullptr ? tuf::MetadataSource::kMedium : tuf::MetadataSource::kNetwork,
              metadata));
  ota::UpdateRunner runner(options, *tuf, blobs, parts_.store, parts_.tester, parts_.fs,
                           parts_.clock, parts_.random);
  StatusOr<ota::PrepareResult> result = runner.Prepare(assignment, slots, observer, trace, stop);
  if (tuf->versions().targets > 0) {  // whatever became of the release, the refresh succeeded
    Tell(*tuf, OkStatus());
  }
  return result;
}

Status ReleaseUpdater::CollectGarbage() {
  FLOTILLA_ASSIGN_OR_RETURN(const std::set<Digest> keep, ota::ReferencedBlobs(options_.state_dir));
  return parts_.store.CollectGarbage(keep);
}

}  // namespace flotilla::agent

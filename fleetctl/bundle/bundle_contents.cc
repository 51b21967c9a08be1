#include "fleetctl/bundle/bundle_contents.h"

#include <set>
#include <utility>

#include "base/strong_id.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/sha256.h"
#include "security/tuf/metadata_store.h"

namespace flotilla::fleetctl {
namespace {

constexpr int kMaxRefreshes = 64;  // of 256 roots each

Status CheckPolicy(const BundledRelease& release, const tuf::LinePolicy& policy) {
  for (const tuf::TargetInfo& target : release.targets) {
    if (policy.Blocks(target.sha256)) {
      return WithReason(FailedPrecondition(target.path + " is blocked by its publisher"),
                        v1::FAILURE_REASON_POLICY_BLOCKLISTED);
    }
  }
  if (policy.floor > 0 &&
      release.ref.release_counter() < static_cast<std::uint64_t>(policy.floor)) {
    return WithReason(
        FailedPrecondition(release.ref.target_path() + " is below the publisher's floor"),
        v1::FAILURE_REASON_POLICY_RELEASE_FLOOR);
  }
  return OkStatus();
}

// Every path that the document names, once each.
std::set<std::string> PathsOf(const ota::ReleaseDocument& document) {
  std::set<std::string> paths;
  if (document.golden.has_value()) {
    paths.insert(document.golden->target.path);
  }
  for (const ota::ReleaseVariant& variant : document.variants) {
    for (const ota::VariantFile& file : variant.files) {
      paths.insert(file.target.path);
      paths.insert(file.map.path);
    }
  }
  paths.erase("");  // a file without a map
  return paths;
}

}  // namespace

StatusOr<Bytes> MetadataInMemory::Fetch(const std::string& file_name, std::uint64_t max_bytes) {
  const auto found = files_.find(file_name);
  if (found == files_.end()) {
    return WithReason(NotFound(file_name), v1::FAILURE_REASON_FETCH_NOT_FOUND);
  }
  if (found->second.size() > max_bytes) {
    return WithReason(DataLoss(file_name + " is too large"), v1::FAILURE_REASON_FETCH_TOO_LARGE);
  }
  return found->second;
}

StatusOr<std::unique_ptr<tuf::TufClient>> DeviceWithMedium(const Bytes& root,
                                                           tuf::MetadataFetcher& fetcher,
                                                           Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<tuf::TufClient> device,
                            tuf::TufClient::Create(std::make_unique<tuf::MemoryMetadataStore>(),
                                                   root, tuf::MetadataSource::kMedium, fetcher));
  Status refreshed;
  for (int i = 0; i < kMaxRefreshes; ++i) {
    refreshed = device->Refresh(now);
    if (ReasonNumber(refreshed) != v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG) {
      break;
    }
  }
  FLOTILLA_RETURN_IF_ERROR(refreshed);
  return device;
}

StatusOr<BundledRelease> FindRelease(const std::string& line, const std::string& version,
                                     tuf::TufClient& device, const TargetReader& read, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const ModelLine parsed, ModelLine::Parse(line));
  const std::string path = ota::ReleaseTargetPath(parsed, version);
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::TargetInfo target, device.FindTarget(path, now));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, read(target));
  if (bytes.size() != target.length || security::Sha256(bytes) != target.sha256) {
    return WithReason(DataLoss(path + " is not what its publisher signed"),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const ota::ReleaseDocument document, ota::ParseReleaseDocument(bytes));
  BundledRelease release;
  release.ref.set_line(line);
  release.ref.set_version(version);
  release.ref.set_target_path(path);
  release.ref.set_sha256(ToText(target.sha256.bytes()));
  release.ref.set_release_counter(document.release_counter);
  release.targets.push_back(target);
  for (const std::string& named : PathsOf(document)) {
    FLOTILLA_ASSIGN_OR_RETURN(tuf::TargetInfo info, device.FindTarget(named, now));
    release.targets.push_back(std::move(info));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::LinePolicy policy, device.PolicyOf(target.role));
  FLOTILLA_RETURN_IF_ERROR(CheckPolicy(release, policy));
  return release;
}

}  // namespace flotilla::fleetctl

#include "controller/release/catalogue.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/log.h"
#include "controller/release/incoming_metadata.h"
#include "controller/release/metadata_folder.h"
#include "controller/release/release_reader.h"
#include "controller/release/target_links.h"
#include "security/sha256.h"
#include "security/tuf/limits.h"
#include "security/tuf/repository.h"
#include "security/tuf/threshold.h"

namespace flotilla::controller {
namespace {

constexpr char kTimestamp[] = "timestamp.json";
constexpr Duration kLeastBundleLife = absl::Hours(1);
constexpr Duration kMostBundleLife = absl::Hours(24 * 90);

// The reason a fresh client gave, as the refusal of a publication.
Status Refused(const Status& status) {
  return WithReasonNumber(PermissionDenied("a device would refuse this: " + MessageOf(status)),
                          ReasonNumber(status));
}

tuf::RepositoryFiles With(tuf::RepositoryFiles files, const tuf::OnlineMetadata& online) {
  files[online.snapshot_name] = online.snapshot;
  files[kTimestamp] = online.timestamp;
  return NewestOnly(files);
}

// The newest file of `role`; null when there is none.
const std::pair<const std::string, Bytes>* NewestFile(const std::string& role,
                                                      const tuf::RepositoryFiles& files) {
  const std::pair<const std::string, Bytes>* newest = nullptr;
  std::int64_t version = -1;
  for (const auto& file : files) {
    const auto name = tuf::ParseMetadataName(file.first);
    if (name.ok() && name->role == role && name->version > version) {
      newest = &file;
      version = name->version;
    }
  }
  return newest;
}

// Whether half of the life of `role` is over at `now`.
bool IsDue(const std::string& role, const tuf::RepositoryFiles& files, Duration life, Time now) {
  const auto* const file = NewestFile(role, files);
  if (file == nullptr) {
    return true;
  }
  const auto draft = tuf::Draft::Load(file->second);
  return !draft.ok() || draft->expires() - now <= life / 2;
}

std::int64_t VersionOf(const std::string& role, const tuf::RepositoryFiles& files) {
  const auto* const file = NewestFile(role, files);
  const auto draft = tuf::Draft::Load(file == nullptr ? ByteView() : ByteView(file->second));
  return draft.ok() ? draft->version() : 0;
}

StatusOr<tuf::Root> NewestRoot(const tuf::RepositoryFiles& files) {
  const auto* const file = NewestFile("root", files);
  if (file == nullptr) {
    return InvalidArgument("the repository has no root metadata yet");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope,
                            tuf::ParseEnvelope("root", file->second, tuf::kMaxRootBytes));
  return tuf::ParseRoot(envelope);
}

// Whether the newest file of an online role is signed as the newest root wants it.
bool Holds(const std::string& role, const tuf::RepositoryFiles& files) {
  const auto* const file = NewestFile(role, files);
  const auto root = NewestRoot(files);
  if (file == nullptr || !root.ok()) {
    return false;
  }
  const auto envelope = tuf::ParseEnvelope(role, file->second, tuf::kMaxSnapshotBytes);
  return envelope.ok() &&
         tuf::VerifyThreshold(role, *envelope, root->keys,
                              role == "snapshot" ? root->snapshot : root->timestamp)
             .ok();
}

tuf::RepositoryFiles Without(tuf::RepositoryFiles files, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    files.erase(name);
  }
  return files;
}

std::vector<v1::Release> Added(const std::vector<v1::Release>& before,
                               const std::vector<v1::Release>& after) {
  std::set<std::string> known;
  for (const v1::Release& release : before) {
    known.insert(release.ref().target_path());
  }
  std::vector<v1::Release> added;
  std::copy_if(after.begin(), after.end(), std::back_inserter(added),
               [&known](const v1::Release& release) {
                 return !known.contains(release.ref().target_path());
               });
  return added;
}

}  // namespace

Catalogue::Catalogue(CatalogueOptions options, OnlineKeys& keys, BlobRepository& blobs,
                     DurableFs& fs)
    : options_(std::move(options)),
      keys_(keys),
      blobs_(blobs),
      fs_(fs),
      least_version_(options_.least_version) {}

StatusOr<std::unique_ptr<Catalogue>> Catalogue::Open(const CatalogueOptions& options,
                                                     OnlineKeys& keys, BlobRepository& blobs,
                                                     DurableFs& fs, Time now) {
  std::unique_ptr<Catalogue> catalogue(new Catalogue(options, keys, blobs, fs));
  FLOTILLA_RETURN_IF_ERROR(catalogue->Start(now));
  return catalogue;
}

StatusOr<Catalogue::Signers> Catalogue::SignersFor(const tuf::RepositoryFiles& files) const {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Root root, NewestRoot(files));
  Signers signers;
  FLOTILLA_ASSIGN_OR_RETURN(signers.snapshot, keys_.Find("snapshot", root));
  FLOTILLA_ASSIGN_OR_RETURN(signers.timestamp, keys_.Find("timestamp", root));
  return signers;
}

tuf::OnlineRoles Catalogue::RolesOf(const Signers& signers) const {
  return tuf::OnlineRoles(*signers.snapshot, *signers.timestamp, options_.lives, least_version_);
}

void Catalogue::TakeTimestampKey() {
  const auto root = NewestRoot(files_);
  auto key = root.ok() ? keys_.Find("timestamp", *root)
                       : StatusOr<std::shared_ptr<security::Signer>>(root.status());
  const std::scoped_lock lock(key_mutex_);
  timestamp_key_ = key.ok() ? *std::move(key) : nullptr;
}

std::shared_ptr<security::Signer> Catalogue::timestamp_key() const {
  const std::scoped_lock lock(key_mutex_);
  return timestamp_key_;
}

Status Catalogue::CheckFirstRoot(const tuf::RepositoryFiles& taken) const {
  const auto first = taken.find(tuf::MetadataFileName("root", 1));
  if (first == taken.end()) {
    return OkStatus();
  }
  const Digest digest = security::Sha256(first->second);
  if (options_.first_root.has_value() && digest != *options_.first_root) {
    return WithReason(PermissionDenied("the first root has SHA-256 " + digest.ToHex() +
                                       "; this controller's configuration (first_root_sha256) "
                                       "expects " +
                                       options_.first_root->ToHex()),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  if (!options_.first_root.has_value()) {
    LogWarning("release.first_root_taken_on_trust", {{"sha256", digest.ToHex()}});
  }
  return OkStatus();
}

StatusOr<std::vector<v1::Release>> Catalogue::Offered(tuf::FreshClientView view,
                                                      const tuf::RepositoryFiles& files) const {
  for (const auto& [role, expires] : view.lapsed) {
    LogWarning("release.role_lapsed", {{"role", role}, {"expired", UtcText(expires)}});
  }
  std::erase_if(view.targets, [&view](const tuf::TargetInfo& target) {
    return view.lapsed.contains(target.role);
  });
  return ReadReleases(view, files, blobs_);
}

Status Catalogue::Start(Time now) {
  for (const char* const folder : {"metadata", "targets", "blobs"}) {
    FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs_, options_.repository / folder));
  }
  const std::scoped_lock lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(files_, LoadMetadata(options_.repository / "metadata"));
  if (files_.empty()) {
    return OkStatus();
  }
  TakeTimestampKey();
  FLOTILLA_RETURN_IF_ERROR(RefreshLocked(now));
  const Status offered = Offer(now);
  if (!offered.ok()) {
    LogStatus(LogLevel::kWarning, "release.repository_refused", offered);
  }
  return OkStatus();
}

Status Catalogue::Offer(Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::FreshClientView view, tuf::FreshClientAccepts(files_, now));
  FLOTILLA_RETURN_IF_ERROR(CheckBlobs(view.targets, blobs_));
  FLOTILLA_RETURN_IF_ERROR(LinkTargets(fs_, options_.repository / "targets", view.targets, blobs_));
  FLOTILLA_ASSIGN_OR_RETURN(releases_, Offered(view, files_));
  return OkStatus();
}

Status Catalogue::Write(const tuf::RepositoryFiles& next) {
  Status written = WriteMetadata(fs_, options_.repository / "metadata", files_, next);
  if (written.ok()) {
    files_ = next;
    return OkStatus();
  }
  // The last rename may have happened all the same: go on from what devices are served.
  auto served = LoadMetadata(options_.repository / "metadata");
  if (served.ok()) {
    files_ = std::move(served).value();
  }
  return written;
}

StatusOr<Publication> Catalogue::Publish(const std::vector<v1::MetadataFile>& files, Time now) {
  const std::scoped_lock lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(const IncomingMetadata incoming, TakeIncoming(files, files_));
  Publication publication;
  if (!incoming.taken.empty()) {
    FLOTILLA_RETURN_IF_ERROR(CheckFirstRoot(incoming.taken));
    tuf::RepositoryFiles next = Without(files_, incoming.withdrawn);
    for (const auto& [name, bytes] : incoming.taken) {
      next[name] = bytes;
    }
    FLOTILLA_ASSIGN_OR_RETURN(const Signers signers, SignersFor(next));
    const tuf::OnlineRoles roles = RolesOf(signers);
    const auto online = roles.SignAll(next, now);
    if (!online.ok()) {
      return Refused(online.status());
    }
    next = With(std::move(next), *online);
    const auto view = tuf::FreshClientAccepts(next, now);
    if (!view.ok()) {
      return Refused(view.status());
    }
    FLOTILLA_RETURN_IF_ERROR(CheckAllReached(next, incoming.taken, *view));
    FLOTILLA_RETURN_IF_ERROR(CheckBlobs(view->targets, blobs_));
    FLOTILLA_ASSIGN_OR_RETURN(std::vector<v1::Release> releases, Offered(*view, next));
    FLOTILLA_RETURN_IF_ERROR(
        LinkTargets(fs_, options_.repository / "targets", view->targets, blobs_));
    FLOTILLA_RETURN_IF_ERROR(Write(next));
    TakeTimestampKey();
    publication.added = Added(releases_, releases);
    releases_ = std::move(releases);
  }
  publication.snapshot_version = VersionOf("snapshot", files_);
  publication.timestamp_version = VersionOf("timestamp", files_);
  return publication;
}

Status Catalogue::RaisePast(std::int64_t snapshot_version, std::int64_t timestamp_version,
                            Time now) {
  const std::scoped_lock lock(mutex_);
  const bool known = VersionOf("snapshot", files_) >= snapshot_version &&
                     VersionOf("timestamp", files_) >= timestamp_version;
  if (files_.empty() || known) {
    return OkStatus();
  }
  least_version_ = std::max({least_version_, snapshot_version + 1, timestamp_version + 1});
  return RefreshLocked(now);
}

Status Catalogue::Refresh(Time now) {
  const std::scoped_lock lock(mutex_);
  return RefreshLocked(now);
}

Status Catalogue::RefreshLocked(Time now) {
  if (files_.empty()) {
    return OkStatus();
  }
  // After a crash between a new root and the timestamp over it, one of these does not hold.
  const bool hold = Holds("snapshot", files_) && Holds("timestamp", files_);
  const tuf::RepositoryFiles base = hold ? files_ : Without(files_, RunUpOnlineFiles(files_));
  const bool too_low =
      std::min(VersionOf("snapshot", base), VersionOf("timestamp", base)) < least_version_;
  const bool snapshot_due =
      too_low || IsDue("snapshot", base, options_.lives.snapshot, now) || !Holds("snapshot", base);
  if (hold && !snapshot_due && !IsDue("timestamp", base, options_.lives.timestamp, now)) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Signers signers, SignersFor(base));
  const tuf::OnlineRoles roles = RolesOf(signers);
  FLOTILLA_ASSIGN_OR_RETURN(
      const tuf::OnlineMetadata online,
      snapshot_due ? roles.SignAll(base, now) : roles.RefreshTimestamp(base, now));
  return Write(With(base, online));
}

StatusOr<std::vector<v1::MetadataFile>> Catalogue::SignBundle(Time now, Duration life) {
  if (life < kLeastBundleLife || life > kMostBundleLife) {
    return InvalidArgument("a bundle is good for 1 hour to 90 days");
  }
  const std::scoped_lock lock(mutex_);
  if (NewestFile("targets", files_) == nullptr) {
    return FailedPrecondition("nothing was published yet");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Signers signers, SignersFor(files_));
  const tuf::OnlineRoles roles = RolesOf(signers);
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::OnlineMetadata made, roles.SignBundle(files_, now, life));
  const tuf::RepositoryFiles carried = With(files_, made);
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::OnlineMetadata online, roles.SignAll(carried, now));
  FLOTILLA_RETURN_IF_ERROR(Write(With(files_, online)));
  std::vector<v1::MetadataFile> files;
  for (const auto& [file_name, bytes] : carried) {
    const auto name = tuf::ParseMetadataName(file_name);
    if (name.ok() && name->role != "root") {
      v1::MetadataFile& file = files.emplace_back();
      file.set_name(file_name);
      file.set_content(ToText(bytes));
    }
  }
  return files;
}

StatusOr<v1::MetadataFile> Catalogue::GetMetadata(const std::string& role,
                                                  std::int64_t version) const {
  const std::scoped_lock lock(mutex_);
  const std::pair<const std::string, Bytes>* file = NewestFile(role, files_);
  if (role == "root" && version != 0) {
    const auto found = files_.find(tuf::MetadataFileName(role, version));
    file = found == files_.end() ? nullptr : &*found;
  }
  if (file == nullptr) {
    return NotFound("there is no metadata of role " + role);
  }
  v1::MetadataFile answer;
  answer.set_name(file->first);
  answer.set_content(ToText(file->second));
  return answer;
}

std::vector<v1::Release> Catalogue::Releases() const {
  const std::scoped_lock lock(mutex_);
  return releases_;
}

std::vector<RoleExpiry> Catalogue::Expiries() const {
  const std::scoped_lock lock(mutex_);
  std::set<std::string> roles;
  for (const auto& [file_name, content] : files_) {
    const auto name = tuf::ParseMetadataName(file_name);
    if (name.ok()) {
      roles.insert(name->role);
    }
  }
  std::vector<RoleExpiry> expiries;
  for (const std::string& role : roles) {
    const auto* const file = NewestFile(role, files_);
    const auto draft = tuf::Draft::Load(file == nullptr ? ByteView() : ByteView(file->second));
    if (draft.ok()) {
      const Duration life = role == "timestamp"  ? options_.lives.timestamp
                            : role == "snapshot" ? options_.lives.snapshot
                                                 : absl::ZeroDuration();
      expiries.push_back(RoleExpiry{role, draft->expires(), life});
    }
  }
  return expiries;
}

std::vector<Digest> Catalogue::MissingBlobs(const std::vector<Digest>& digests) const {
  std::vector<Digest> missing;
  std::copy_if(digests.begin(), digests.end(), std::back_inserter(missing),
               [this](const Digest& digest) { return !blobs_.Has(digest); });
  return missing;
}

}  // namespace flotilla::controller

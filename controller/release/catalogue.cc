#include "controller/release/catalogue.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "base/log.h"
#include "controller/release/incoming_metadata.h"
#include "controller/release/metadata_folder.h"
#include "controller/release/release_reader.h"
#include "controller/release/target_links.h"
#include "security/tuf/repository.h"

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

Catalogue::Catalogue(std::filesystem::path repository, const tuf::OnlineLives& lives,
                     security::Signer& snapshot, security::Signer& timestamp, BlobRepository& blobs,
                     DurableFs& fs)
    : repository_(std::move(repository)),
      lives_(lives),
      roles_(snapshot, timestamp, lives),
      blobs_(blobs),
      fs_(fs) {}

StatusOr<std::unique_ptr<Catalogue>> Catalogue::Open(const std::filesystem::path& repository,
                                                     const tuf::OnlineLives& lives,
                                                     security::Signer& snapshot,
                                                     security::Signer& timestamp,
                                                     BlobRepository& blobs, DurableFs& fs,
                                                     Time now) {
  std::unique_ptr<Catalogue> catalogue(
      new Catalogue(repository, lives, snapshot, timestamp, blobs, fs));
  FLOTILLA_RETURN_IF_ERROR(catalogue->Start(now));
  return catalogue;
}

Status Catalogue::Start(Time now) {
  for (const char* const folder : {"metadata", "targets", "blobs"}) {
    FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs_, repository_ / folder));
  }
  const std::scoped_lock lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(files_, LoadMetadata(repository_ / "metadata"));
  if (files_.empty()) {
    return OkStatus();
  }
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
  FLOTILLA_RETURN_IF_ERROR(LinkTargets(fs_, repository_ / "targets", view.targets, blobs_));
  FLOTILLA_ASSIGN_OR_RETURN(releases_, ReadReleases(view, files_, blobs_));
  return OkStatus();
}

Status Catalogue::Write(const tuf::RepositoryFiles& next) {
  Status written = WriteMetadata(fs_, repository_ / "metadata", files_, next);
  if (written.ok()) {
    files_ = next;
    return OkStatus();
  }
  // The last rename may have happened all the same: go on from what devices are served.
  auto served = LoadMetadata(repository_ / "metadata");
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
    tuf::RepositoryFiles next = files_;
    for (const std::string& name : incoming.withdrawn) {
      next.erase(name);
    }
    for (const auto& [name, bytes] : incoming.taken) {
      next[name] = bytes;
    }
    const auto online = roles_.SignAll(next, now);
    if (!online.ok()) {
      return Refused(online.status());
    }
    next = With(std::move(next), *online);
    const auto view = tuf::FreshClientAccepts(next, now);
    if (!view.ok()) {
      return Refused(view.status());
    }
    FLOTILLA_RETURN_IF_ERROR(CheckAllReached(next, *view));
    FLOTILLA_RETURN_IF_ERROR(CheckBlobs(view->targets, blobs_));
    FLOTILLA_ASSIGN_OR_RETURN(std::vector<v1::Release> releases, ReadReleases(*view, next, blobs_));
    FLOTILLA_RETURN_IF_ERROR(LinkTargets(fs_, repository_ / "targets", view->targets, blobs_));
    FLOTILLA_RETURN_IF_ERROR(Write(next));
    publication.added = Added(releases_, releases);
    releases_ = std::move(releases);
  }
  publication.snapshot_version = VersionOf("snapshot", files_);
  publication.timestamp_version = VersionOf("timestamp", files_);
  return publication;
}

Status Catalogue::Refresh(Time now) {
  const std::scoped_lock lock(mutex_);
  return RefreshLocked(now);
}

Status Catalogue::RefreshLocked(Time now) {
  if (files_.empty()) {
    return OkStatus();
  }
  const bool snapshot_due = IsDue("snapshot", files_, lives_.snapshot, now);
  if (!snapshot_due && !IsDue("timestamp", files_, lives_.timestamp, now)) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const tuf::OnlineMetadata online,
      snapshot_due ? roles_.SignAll(files_, now) : roles_.RefreshTimestamp(files_, now));
  return Write(With(files_, online));
}

StatusOr<std::vector<v1::MetadataFile>> Catalogue::SignBundle(Time now, Duration life) {
  if (life < kLeastBundleLife || life > kMostBundleLife) {
    return InvalidArgument("a bundle is good for 1 hour to 90 days");
  }
  const std::scoped_lock lock(mutex_);
  if (NewestFile("targets", files_) == nullptr) {
    return FailedPrecondition("nothing was published yet");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::OnlineMetadata made, roles_.SignBundle(files_, now, life));
  const tuf::RepositoryFiles carried = With(files_, made);
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::OnlineMetadata online, roles_.SignAll(carried, now));
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
      const Duration life = role == "timestamp"  ? lives_.timestamp
                            : role == "snapshot" ? lives_.snapshot
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

#include "security/tuf/online_roles.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"
#include "security/tuf/limits.h"
#include "security/tuf/metadata_store.h"
#include "security/tuf/repository.h"
#include "security/tuf/target_path.h"

namespace flotilla::tuf {
namespace {

constexpr char kTimestampName[] = "timestamp.json";
constexpr std::string_view kBundleSource = "bundle";

// Newest version of each role that has versioned names, and of snapshot.
std::map<std::string, std::int64_t> NewestVersions(const RepositoryFiles& files) {
  std::map<std::string, std::int64_t> newest;
  for (const auto& [file_name, bytes] : files) {
    const auto name = ParseMetadataName(file_name);
    if (name.ok() && name->version > 0) {
      std::int64_t& version = newest[name->role];
      version = std::max(version, name->version);
    }
  }
  return newest;
}

// Version of the timestamp that is there; 0 when there is none that can be read.
std::int64_t TimestampVersion(const RepositoryFiles& files) {
  const auto found = files.find(kTimestampName);
  if (found == files.end()) {
    return 0;
  }
  const auto draft = Draft::Load(found->second);
  return draft.ok() ? draft->version() : 0;
}

// A stolen key can sign the last version there is; only a new key gets beyond it.
StatusOr<std::int64_t> NextVersion(const std::string& role, std::int64_t version) {
  if (version == std::numeric_limits<std::int64_t>::max()) {
    return FailedPrecondition(role + ": there is no version above " + std::to_string(version) +
                              "; rotate its key in root");
  }
  return version + 1;
}

class MemoryFetcher final : public MetadataFetcher {
 public:
  explicit MemoryFetcher(const RepositoryFiles& files) : files_(files) {}

  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override {
    const auto found = files_.find(file_name);
    if (found == files_.end()) {
      return WithReason(NotFound(file_name), v1::FAILURE_REASON_FETCH_NOT_FOUND);
    }
    if (found->second.size() > max_bytes) {
      return WithReason(DataLoss(file_name), v1::FAILURE_REASON_FETCH_TOO_LARGE);
    }
    return found->second;
  }

 private:
  const RepositoryFiles& files_;
};

// Delegated roles whose newest file is over at `now`.
std::map<std::string, Time> LapsedRoles(const RepositoryFiles& files, Time now) {
  std::map<std::string, Time> lapsed;
  for (const auto& [role, version] : NewestVersions(files)) {
    if (role == "root" || role == "snapshot" || role == "targets") {
      continue;
    }
    const auto draft = Draft::Load(files.at(MetadataFileName(role, version)));
    if (draft.ok() && draft->expires() <= now) {
      lapsed[role] = draft->expires();
    }
  }
  return lapsed;
}

// The latest time at which nothing that has lapsed had.
Time BeforeAllOf(const std::map<std::string, Time>& lapsed, Time now) {
  Time before = now;
  for (const auto& [role, expires] : lapsed) {
    before = std::min(before, expires - absl::Seconds(1));
  }
  return before;
}

// A device needs more than one refresh for a chain of more than 256 roots.
Status RefreshToTheEnd(TufClient& client, Time now) {
  while (true) {
    const std::int64_t before = client.versions().root;
    Status status = client.Refresh(now);
    if (ReasonNumber(status) != v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG ||
        client.versions().root == before) {
      return status;
    }
  }
}

}  // namespace

StatusOr<MetadataName> ParseMetadataName(const std::string& file_name) {
  constexpr std::string_view kSuffix = ".json";
  std::string_view rest = file_name;
  if (!rest.ends_with(kSuffix)) {
    return InvalidArgument("not a metadata file name: " + file_name);
  }
  rest.remove_suffix(kSuffix.size());
  MetadataName name;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), name.version);
  const auto used = static_cast<std::size_t>(end - rest.data());
  if (error == std::errc() && name.version > 0 && used < rest.size() && rest[used] == '.') {
    rest.remove_prefix(used + 1);
  } else {
    name.version = 0;
  }
  FLOTILLA_ASSIGN_OR_RETURN(name.role, UnquoteSegment(rest));
  if (name.role.empty() || MetadataFileName(name.role, name.version) != file_name) {
    return InvalidArgument("not a metadata file name: " + file_name);
  }
  return name;
}

std::string MetadataFileName(const std::string& role, std::int64_t version) {
  const std::string name = QuoteSegment(role) + ".json";
  return version == 0 ? name : std::to_string(version) + "." + name;
}

OnlineRoles::OnlineRoles(security::Signer& snapshot, security::Signer& timestamp,
                         const OnlineLives& lives, std::int64_t least_version)
    : snapshot_(snapshot), timestamp_(timestamp), lives_(lives), least_version_(least_version) {}

StatusOr<OnlineMetadata> OnlineRoles::SignSnapshot(const RepositoryFiles& files, Time now,
                                                   Time end) const {
  std::map<std::string, std::int64_t> newest = NewestVersions(files);
  if (!newest.contains("targets")) {
    return InvalidArgument("the repository has no targets metadata yet");
  }
  OnlineMetadata made;
  FLOTILLA_ASSIGN_OR_RETURN(made.snapshot_version, NextVersion("snapshot", newest["snapshot"]));
  made.snapshot_version = std::max(made.snapshot_version, least_version_);
  made.snapshot_name = MetadataFileName("snapshot", made.snapshot_version);
  Draft draft = Draft::New(RoleType::kSnapshot, end);
  draft.SetVersion(made.snapshot_version);
  draft.SetIssued(now);
  for (const auto& [role, version] : newest) {
    if (role != "root" && role != "snapshot" && role != "timestamp") {
      FLOTILLA_RETURN_IF_ERROR(draft.SetRoleVersion(role, version));
    }
  }
  FLOTILLA_RETURN_IF_ERROR(draft.Sign(snapshot_));
  FLOTILLA_ASSIGN_OR_RETURN(made.snapshot, draft.Encode());
  return made;
}

StatusOr<OnlineMetadata> OnlineRoles::SignAll(const RepositoryFiles& files, Time now) const {
  FLOTILLA_ASSIGN_OR_RETURN(OnlineMetadata made, SignSnapshot(files, now, now + lives_.snapshot));
  return SignTimestamp(files, std::move(made), now, now + lives_.timestamp, "");
}

StatusOr<OnlineMetadata> OnlineRoles::SignBundle(const RepositoryFiles& files, Time now,
                                                 Duration life) const {
  FLOTILLA_ASSIGN_OR_RETURN(OnlineMetadata made, SignSnapshot(files, now, now + life));
  return SignTimestamp(files, std::move(made), now, now + life, kBundleSource);
}

StatusOr<OnlineMetadata> OnlineRoles::RefreshTimestamp(const RepositoryFiles& files,
                                                       Time now) const {
  OnlineMetadata made;
  made.snapshot_version = NewestVersions(files)["snapshot"];
  if (made.snapshot_version == 0) {
    return InvalidArgument("the repository has no snapshot metadata yet");
  }
  made.snapshot_name = MetadataFileName("snapshot", made.snapshot_version);
  made.snapshot = files.at(made.snapshot_name);
  return SignTimestamp(files, std::move(made), now, now + lives_.timestamp, "");
}

StatusOr<OnlineMetadata> OnlineRoles::SignTimestamp(const RepositoryFiles& files,
                                                    OnlineMetadata made, Time now, Time end,
                                                    std::string_view source) const {
  FLOTILLA_ASSIGN_OR_RETURN(made.timestamp_version,
                            NextVersion("timestamp", TimestampVersion(files)));
  made.timestamp_version = std::max(made.timestamp_version, least_version_);
  Draft draft = Draft::New(RoleType::kTimestamp, end);
  draft.SetVersion(made.timestamp_version);
  draft.SetIssued(now);
  if (!source.empty()) {
    draft.SetSource(source);
  }
  FLOTILLA_RETURN_IF_ERROR(draft.SetSnapshot(made.snapshot_version, made.snapshot));
  FLOTILLA_RETURN_IF_ERROR(draft.Sign(timestamp_));
  FLOTILLA_ASSIGN_OR_RETURN(made.timestamp, draft.Encode());
  return made;
}

StatusOr<FreshClientView> FreshClientAccepts(const RepositoryFiles& files, Time now) {
  const auto root = files.find("1.root.json");
  if (root == files.end()) {
    return InvalidArgument("the repository has no 1.root.json");
  }
  MemoryFetcher fetcher(files);
  FLOTILLA_ASSIGN_OR_RETURN(auto client,
                            TufClient::Create(std::make_unique<MemoryMetadataStore>(), root->second,
                                              MetadataSource::kNetwork, fetcher));
  FLOTILLA_RETURN_IF_ERROR(RefreshToTheEnd(*client, now));
  FreshClientView view;
  view.lapsed = LapsedRoles(files, now);
  // Root, timestamp, snapshot and targets were judged at `now`; delegated roles alone are left.
  FLOTILLA_ASSIGN_OR_RETURN(view.targets, client->ListTargets(BeforeAllOf(view.lapsed, now)));
  view.versions = client->versions();
  for (const std::string& role : client->LoadedRoles()) {
    FLOTILLA_ASSIGN_OR_RETURN(view.policies[role], client->PolicyOf(role));
  }
  return view;
}

}  // namespace flotilla::tuf

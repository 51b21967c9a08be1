#include "security/tuf/client.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"
#include "security/tuf/delegation.h"
#include "security/tuf/limits.h"
#include "security/tuf/metadata_store.h"
#include "security/tuf/target_path.h"
#include "security/tuf/trusted_set.h"

namespace flotilla::tuf {
namespace {

constexpr char kTargets[] = "targets";

// A stored file that is missing, too large or on a bad sector is as good as none: what is fetched
// instead replaces it by a rename.
bool CountsAsMissing(const Status& status) {
  return status.code() == StatusCode::kNotFound || status.code() == StatusCode::kDataLoss ||
         status.code() == StatusCode::kResourceExhausted;
}

Status FetchError(const std::string& role, const Status& status) {
  return WithReason(Annotate(status, role), status.code() == StatusCode::kNotFound
                                                ? v1::FAILURE_REASON_FETCH_NOT_FOUND
                                                : v1::FAILURE_REASON_FETCH_CONNECT);
}

StatusOr<Bytes> FetchCapped(MetadataFetcher& fetcher, const std::string& role,
                            const std::string& file_name, std::uint64_t max_bytes) {
  auto bytes = fetcher.Fetch(file_name, max_bytes);
  if (!bytes.ok()) {
    return FetchError(role, bytes.status());
  }
  if (bytes->size() > max_bytes) {
    return WithReason(DataLoss(role + ": more than " + std::to_string(max_bytes) + " bytes"),
                      v1::FAILURE_REASON_FETCH_TOO_LARGE);
  }
  return bytes;
}

StatusOr<TargetInfo> InfoOf(const std::string& path, const std::string& role,
                            const TargetFile& file, const Root& root) {
  const Hashes& hashes = file.hashes;
  if (hashes.malformed > 0 || (!hashes.sha256 && !hashes.sha512)) {
    return WithReason(DataLoss(role + ": " + path + " lists no hash that can be checked"),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  TargetInfo info;
  info.path = path;
  info.length = file.length;
  info.sha256 = hashes.sha256.value_or(Digest());
  info.sha512 = hashes.sha512;
  info.role = role;
  info.custom = file.custom;
  std::string prefix;
  if (root.consistent_snapshot) {
    prefix = hashes.sha256 ? hashes.sha256->ToHex() : HexEncode(*hashes.sha512);
  }
  info.url_path = TargetUrlPath(path, prefix);
  return info;
}

struct Edge {
  std::string role;
  const Targets* delegator = nullptr;
};

// Adds the roles that `from` trusts with `path`, the first of them on top.
void PushDelegated(const Targets& from, const std::string& path, std::vector<Edge>& to_visit) {
  if (!from.delegations) {
    return;
  }
  const DelegationChoice choice = RolesFor(*from.delegations, path);
  if (choice.goes_on == SearchGoesOn::kNo) {
    to_visit.clear();
  }
  for (auto role = choice.roles.rbegin(); role != choice.roles.rend(); ++role) {
    to_visit.push_back({*role, &from});
  }
}

}  // namespace

TufClient::TufClient(std::unique_ptr<MetadataStore> store, std::unique_ptr<TrustedSet> trusted,
                     MetadataSource source, MetadataFetcher& fetcher)
    : store_(std::move(store)), trusted_(std::move(trusted)), source_(source), fetcher_(fetcher) {}

TufClient::~TufClient() = default;

StatusOr<std::unique_ptr<TufClient>> TufClient::Open(const TufClientOptions& options,
                                                     const Bytes& factory_root, DurableFs& fs,
                                                     MetadataFetcher& fetcher) {
  FLOTILLA_ASSIGN_OR_RETURN(auto store, FileMetadataStore::Open(options.state_dir, fs));
  return Create(std::move(store), factory_root, options.source, fetcher);
}

StatusOr<std::unique_ptr<TufClient>> TufClient::Create(std::unique_ptr<MetadataStore> store,
                                                       const Bytes& factory_root,
                                                       MetadataSource source,
                                                       MetadataFetcher& fetcher) {
  FLOTILLA_ASSIGN_OR_RETURN(auto trusted, TrustedSet::Create(factory_root));
  std::unique_ptr<TufClient> client(
      new TufClient(std::move(store), std::move(trusted), source, fetcher));
  FLOTILLA_RETURN_IF_ERROR(client->WalkCachedRoots(factory_root));
  return client;
}

Status TufClient::WalkCachedRoots(const Bytes& factory_root) {
  Bytes newest = factory_root;
  while (true) {
    auto bytes = store_->LoadRoot(trusted_->root().common.version + 1);
    if (!bytes.ok()) {
      break;
    }
    // The cache is untrusted: at the first root that does not follow, the network goes on.
    auto next = trusted_->VerifyNextRoot(*bytes);
    if (!next.ok()) {
      break;
    }
    trusted_->Accept(std::move(next).value());
    newest = std::move(bytes).value();
  }
  const auto shown = store_->Load("root", kMaxRootBytes);
  return shown.ok() && *shown == newest ? OkStatus() : store_->Save("root", newest);
}

Status TufClient::Purge(const NextRoot& next) {
  // Also where only the threshold moved: what fewer keys could sign may be the very fast-forward
  // that the new root is there to undo.
  if (next.online_keys == KeyChange::kChanged) {
    FLOTILLA_RETURN_IF_ERROR(store_->Remove("timestamp"));
    FLOTILLA_RETURN_IF_ERROR(store_->Remove("snapshot"));
  }
  if (next.targets_keys == KeyChange::kChanged) {
    const auto stored = store_->Load(kTargets, kMaxTargetsBytes);
    if (stored.ok() && !TrustedSet::MeetsNextRoot(next, *stored).ok()) {
      return store_->Remove(kTargets);
    }
  }
  return OkStatus();
}

Status TufClient::TakeRoot(const Bytes& bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(NextRoot next, trusted_->VerifyNextRoot(bytes));
  // The purge comes first: once the root is stored, a restart would not see that keys changed.
  FLOTILLA_RETURN_IF_ERROR(Purge(next));
  FLOTILLA_RETURN_IF_ERROR(store_->SaveRoot(next.root.common.version, bytes));
  trusted_->Accept(std::move(next));
  return OkStatus();
}

Status TufClient::WalkNewRoots(Bytes& newest) {
  for (int taken = 0;; ++taken) {
    const std::string name = std::to_string(trusted_->root().common.version + 1) + ".root.json";
    auto bytes = FetchCapped(fetcher_, "root", name, kMaxRootBytes);
    if (bytes.status().code() == StatusCode::kNotFound) {
      return OkStatus();
    }
    FLOTILLA_RETURN_IF_ERROR(bytes.status());
    if (taken == kMaxRootsPerRefresh) {
      return WithReason(
          Unavailable("root: more than " + std::to_string(taken) + " versions behind; call again"),
          v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG);
    }
    FLOTILLA_RETURN_IF_ERROR(TakeRoot(*bytes));
    newest = std::move(bytes).value();
  }
}

Status TufClient::RefreshRoot(Time now) {
  Bytes newest;
  const Status walked = WalkNewRoots(newest);
  // root_history/ is what counts; root.json shows the newest, and is brought up to date even when
  // the walk broke off.
  if (!newest.empty()) {
    FLOTILLA_RETURN_IF_ERROR(store_->Save("root", newest));
  }
  FLOTILLA_RETURN_IF_ERROR(walked);
  return trusted_->CheckRootFresh(now);
}

Status TufClient::RefreshTimestamp(Time now) {
  auto stored = store_->Load("timestamp", kMaxTimestampBytes);
  if (!stored.ok() && !CountsAsMissing(stored.status())) {
    return stored.status();
  }
  if (stored.ok() && !trusted_->CompareWithTimestamp(*stored).ok()) {
    FLOTILLA_RETURN_IF_ERROR(store_->Remove("timestamp"));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const Bytes bytes, FetchCapped(fetcher_, "timestamp", "timestamp.json", kMaxTimestampBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const TimestampOffer offer,
                            trusted_->OfferTimestamp(bytes, source_, now));
  return offer == TimestampOffer::kNewer ? store_->Save("timestamp", bytes) : OkStatus();
}

Status TufClient::RefreshSnapshot(Time now) {
  auto stored = store_->Load("snapshot", kMaxSnapshotBytes);
  if (!stored.ok() && !CountsAsMissing(stored.status())) {
    return stored.status();
  }
  if (stored.ok() && trusted_->UseStoredSnapshot(*stored, now).ok()) {
    return OkStatus();
  }
  const MetaFile& file = trusted_->snapshot_file();
  FLOTILLA_ASSIGN_OR_RETURN(
      const Bytes bytes, FetchVersioned("snapshot", file.version, file.length, kMaxSnapshotBytes));
  FLOTILLA_RETURN_IF_ERROR(trusted_->OfferSnapshot(bytes, now));
  return store_->Save("snapshot", bytes);
}

StatusOr<const Targets*> TufClient::LoadTargets(const std::string& role, const Targets* delegator,
                                                Time now) {
  if (trusted_->FindTargets(role, delegator) != nullptr) {
    return trusted_->FindTargets(role, delegator);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const MetaFile file, trusted_->TargetsFile(role));
  auto stored = store_->Load(role, kMaxTargetsBytes);
  if (!stored.ok() && !CountsAsMissing(stored.status())) {
    return stored.status();
  }
  if (stored.ok() && trusted_->OfferTargets(role, delegator, *stored, now).ok()) {
    return trusted_->FindTargets(role, delegator);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes,
                            FetchVersioned(role, file.version, file.length, kMaxTargetsBytes));
  FLOTILLA_RETURN_IF_ERROR(trusted_->OfferTargets(role, delegator, bytes, now));
  FLOTILLA_RETURN_IF_ERROR(store_->Save(role, bytes));
  return trusted_->FindTargets(role, delegator);
}

StatusOr<const Targets*> TufClient::TopTargets() const {
  const Targets* targets = trusted_->FindTargets(kTargets, nullptr);
  if (targets == nullptr) {
    return FailedPrecondition("targets: nothing is trusted before a good refresh");
  }
  return targets;
}

StatusOr<Bytes> TufClient::FetchVersioned(const std::string& role, std::int64_t version,
                                          std::optional<std::uint64_t> length,
                                          std::uint64_t max_bytes) {
  const std::string name = QuoteSegment(role) + ".json";
  const bool consistent = trusted_->root().consistent_snapshot;
  return FetchCapped(fetcher_, role, consistent ? std::to_string(version) + "." + name : name,
                     std::min(length.value_or(max_bytes), max_bytes));
}

Status TufClient::Refresh(Time now) {
  fetcher_.StartRound();
  trusted_->Restart();
  FLOTILLA_RETURN_IF_ERROR(RefreshRoot(now));
  FLOTILLA_RETURN_IF_ERROR(RefreshTimestamp(now));
  FLOTILLA_RETURN_IF_ERROR(RefreshSnapshot(now));
  return LoadTargets(kTargets, nullptr, now).status();
}

StatusOr<TargetInfo> TufClient::FindTarget(const std::string& path, Time now) {
  fetcher_.StartRound();
  return Search(path, now);
}

StatusOr<TargetInfo> TufClient::Search(const std::string& path, Time now) {
  FLOTILLA_RETURN_IF_ERROR(CheckTargetPath(path));
  FLOTILLA_RETURN_IF_ERROR(TopTargets().status());
  std::vector<Edge> to_visit = {{kTargets, nullptr}};
  std::set<std::string> visited;
  while (!to_visit.empty()) {
    const Edge edge = std::move(to_visit.back());
    to_visit.pop_back();
    if (!visited.insert(edge.role).second) {
      continue;
    }
    if (visited.size() > kMaxDelegatedRolesPerLookup + 1) {
      return WithReason(
          PermissionDenied(edge.role + ": the search for " + path + " took more than " +
                           std::to_string(kMaxDelegatedRolesPerLookup) + " roles"),
          v1::FAILURE_REASON_TRUST_DELEGATION_LIMIT);
    }
    FLOTILLA_ASSIGN_OR_RETURN(const Targets* targets, LoadTargets(edge.role, edge.delegator, now));
    const auto found = targets->targets.find(path);
    if (found != targets->targets.end()) {
      return InfoOf(path, edge.role, found->second, trusted_->root());
    }
    PushDelegated(*targets, path, to_visit);
  }
  return WithReason(NotFound("targets: no role lists " + path),
                    v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
}

Status TufClient::LoadWholeTree(Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const Targets* top, TopTargets());
  std::vector<const Targets*> delegators = {top};
  std::set<std::string> walked = {kTargets};
  while (!delegators.empty()) {
    const Targets* delegator = delegators.back();
    delegators.pop_back();
    if (!delegator->delegations) {
      continue;
    }
    for (const auto& [role, file] : trusted_->snapshot()->roles) {
      if (role == kTargets || KeysOf(*delegator->delegations, role) == nullptr) {
        continue;
      }
      FLOTILLA_ASSIGN_OR_RETURN(const Targets* loaded, LoadTargets(role, delegator, now));
      if (walked.insert(role).second) {
        delegators.push_back(loaded);
      }
    }
  }
  return OkStatus();
}

StatusOr<std::vector<TargetInfo>> TufClient::ListTargets(Time now) {
  fetcher_.StartRound();
  FLOTILLA_RETURN_IF_ERROR(LoadWholeTree(now));
  std::vector<TargetInfo> infos;
  for (const std::string& path : trusted_->AllPaths()) {
    auto info = Search(path, now);
    if (info.status().code() == StatusCode::kNotFound ||
        info.status().code() == StatusCode::kInvalidArgument) {
      continue;  // listed by a role that is not trusted with it, or a path nobody can ask for
    }
    FLOTILLA_RETURN_IF_ERROR(info.status());
    infos.push_back(std::move(info).value());
  }
  return infos;
}

MetadataVersions TufClient::versions() const {
  MetadataVersions versions;
  versions.root = trusted_->root().common.version;
  if (trusted_->timestamp()) {
    versions.timestamp = trusted_->timestamp()->common.version;
  }
  if (trusted_->snapshot()) {
    versions.snapshot = trusted_->snapshot()->common.version;
  }
  const Targets* targets = trusted_->FindTargets(kTargets, nullptr);
  if (targets != nullptr) {
    versions.targets = targets->common.version;
  }
  return versions;
}

StatusOr<LinePolicy> TufClient::PolicyOf(const std::string& role) const {
  return trusted_->PolicyOf(role);
}

std::vector<std::string> TufClient::LoadedRoles() const {
  return trusted_->LoadedRoles();
}

TrustDates TufClient::dates() const {
  return trusted_->Dates();
}

const Root& TufClient::root() const {
  return trusted_->root();
}

}  // namespace flotilla::tuf

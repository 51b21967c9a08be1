#include "security/tuf/trusted_set.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"
#include "security/tuf/delegation.h"
#include "security/tuf/limits.h"
#include "security/tuf/threshold.h"

namespace flotilla::tuf {
namespace {

Status Denied(v1::FailureReason reason, const std::string& text) {
  return WithReason(PermissionDenied(text), reason);
}

std::string Versions(std::int64_t got, std::int64_t wanted) {
  return "version " + std::to_string(got) + ", expected " + std::to_string(wanted);
}

Status CheckFresh(const std::string& role, const Common& common, Time now,
                  v1::FailureReason reason) {
  if (common.expires <= now) {
    return Denied(reason, role + ": expired at " + UtcText(common.expires));
  }
  return OkStatus();
}

// Length and hashes of received bytes, as far as the referring role gives them.
Status CheckFile(const std::string& role, const MetaFile& file, const Bytes& bytes) {
  if (file.length && *file.length != bytes.size()) {
    return WithReason(DataLoss(role + ": " + std::to_string(bytes.size()) + " bytes, expected " +
                               std::to_string(*file.length)),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  if (file.hashes) {
    const Status status = CheckHashes(*file.hashes, bytes);
    return status.ok() ? status : Annotate(status, role);
  }
  return OkStatus();
}

Status CheckVersion(const std::string& role, std::int64_t got, std::int64_t wanted) {
  return got == wanted ? OkStatus()
                       : Denied(v1::FAILURE_REASON_TRUST_VERSION_MISMATCH,
                                role + ": " + Versions(got, wanted));
}

KeyChange Compare(const RoleKeys& a, const RoleKeys& b) {
  return SameSigners(a, b) ? KeyChange::kSame : KeyChange::kChanged;
}

struct CheckedRoot {
  Envelope envelope;
  Root root;
};

StatusOr<CheckedRoot> ReadRoot(const Bytes& bytes) {
  CheckedRoot checked;
  FLOTILLA_ASSIGN_OR_RETURN(checked.envelope, ParseEnvelope("root", bytes, kMaxRootBytes));
  FLOTILLA_ASSIGN_OR_RETURN(checked.root, ParseRoot(checked.envelope));
  FLOTILLA_RETURN_IF_ERROR(
      VerifyThreshold("root", checked.envelope, checked.root.keys, checked.root.root));
  return checked;
}

StatusOr<Timestamp> ReadTimestamp(const Root& root, const Bytes& bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(const Envelope envelope,
                            ParseEnvelope("timestamp", bytes, kMaxTimestampBytes));
  FLOTILLA_RETURN_IF_ERROR(VerifyThreshold("timestamp", envelope, root.keys, root.timestamp));
  return ParseTimestamp(envelope);
}

StatusOr<Snapshot> ReadSnapshot(const Root& root, const Bytes& bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(const Envelope envelope,
                            ParseEnvelope("snapshot", bytes, kMaxSnapshotBytes));
  FLOTILLA_RETURN_IF_ERROR(VerifyThreshold("snapshot", envelope, root.keys, root.snapshot));
  return ParseSnapshot(envelope);
}

}  // namespace

StatusOr<std::unique_ptr<TrustedSet>> TrustedSet::Create(const Bytes& root) {
  FLOTILLA_ASSIGN_OR_RETURN(CheckedRoot checked, ReadRoot(root));
  return std::unique_ptr<TrustedSet>(new TrustedSet(std::move(checked.root)));
}

void TrustedSet::Restart() {
  stored_timestamp_.reset();
  timestamp_.reset();
  medium_until_.reset();
  stored_snapshot_.reset();
  snapshot_.reset();
  targets_.clear();
}

StatusOr<NextRoot> TrustedSet::VerifyNextRoot(const Bytes& bytes) const {
  FLOTILLA_ASSIGN_OR_RETURN(const Envelope envelope, ParseEnvelope("root", bytes, kMaxRootBytes));
  FLOTILLA_RETURN_IF_ERROR(VerifyThreshold("root", envelope, root_.keys, root_.root));
  FLOTILLA_ASSIGN_OR_RETURN(CheckedRoot checked, ReadRoot(bytes));
  const std::int64_t wanted = root_.common.version + 1;
  if (checked.root.common.version < wanted) {
    return Denied(v1::FAILURE_REASON_TRUST_ROLLBACK_ROOT,
                  "root: " + Versions(checked.root.common.version, wanted));
  }
  FLOTILLA_RETURN_IF_ERROR(CheckVersion("root", checked.root.common.version, wanted));
  NextRoot next;
  next.online_keys = Compare(root_.timestamp, checked.root.timestamp);
  if (next.online_keys == KeyChange::kSame) {
    next.online_keys = Compare(root_.snapshot, checked.root.snapshot);
  }
  next.targets_keys = Compare(root_.targets, checked.root.targets);
  next.root = std::move(checked.root);
  return next;
}

Status TrustedSet::MeetsNextRoot(const NextRoot& next, const Bytes& targets) {
  FLOTILLA_ASSIGN_OR_RETURN(const Envelope envelope,
                            ParseEnvelope("targets", targets, kMaxTargetsBytes));
  return VerifyThreshold("targets", envelope, next.root.keys, next.root.targets);
}

void TrustedSet::Accept(NextRoot next) {
  root_ = std::move(next.root);
}

Status TrustedSet::CheckRootFresh(Time now) const {
  return CheckFresh("root", root_.common, now, v1::FAILURE_REASON_TRUST_EXPIRED_ROOT);
}

Status TrustedSet::CompareWithTimestamp(const Bytes& bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(stored_timestamp_, ReadTimestamp(root_, bytes));
  return OkStatus();
}

StatusOr<TimestampOffer> TrustedSet::OfferTimestamp(const Bytes& bytes, MetadataSource source,
                                                    Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(Timestamp offered, ReadTimestamp(root_, bytes));
  if (source == MetadataSource::kNetwork && !offered.source.empty()) {
    return Denied(v1::FAILURE_REASON_TRUST_BUNDLE_TIMESTAMP,
                  "timestamp: made for a medium (" + offered.source + "), not for the network");
  }
  TimestampOffer answer = TimestampOffer::kNewer;
  if (stored_timestamp_) {
    const std::int64_t had = stored_timestamp_->common.version;
    if (offered.common.version < had && source == MetadataSource::kMedium) {
      FLOTILLA_RETURN_IF_ERROR(
          CheckFresh("timestamp", offered.common, now, v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP));
      medium_until_ = offered.common.expires;
      timestamp_ = stored_timestamp_;
      return TimestampOffer::kSame;
    }
    if (offered.common.version < had) {
      return Denied(v1::FAILURE_REASON_TRUST_ROLLBACK_TIMESTAMP,
                    "timestamp: " + Versions(offered.common.version, had) + " or more");
    }
    if (offered.common.version == had) {
      answer = TimestampOffer::kSame;
      offered = *stored_timestamp_;
    }
    const std::int64_t had_snapshot = stored_timestamp_->snapshot.version;
    if (offered.snapshot.version < had_snapshot) {
      return Denied(v1::FAILURE_REASON_TRUST_ROLLBACK_SNAPSHOT,
                    "snapshot: " + Versions(offered.snapshot.version, had_snapshot) + " or more");
    }
  }
  FLOTILLA_RETURN_IF_ERROR(
      CheckFresh("timestamp", offered.common, now, v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP));
  timestamp_ = std::move(offered);
  return answer;
}

Status TrustedSet::CheckSnapshotFresh(Common common, Time now) const {
  common.expires = std::max(common.expires, medium_until_.value_or(common.expires));
  return CheckFresh("snapshot", common, now, v1::FAILURE_REASON_TRUST_EXPIRED_SNAPSHOT);
}

Status TrustedSet::UseStoredSnapshot(const Bytes& bytes, Time now) {
  if (!timestamp_) {
    return FailedPrecondition("snapshot: no timestamp is trusted");
  }
  FLOTILLA_ASSIGN_OR_RETURN(stored_snapshot_, ReadSnapshot(root_, bytes));
  FLOTILLA_RETURN_IF_ERROR(
      CheckVersion("snapshot", stored_snapshot_->common.version, timestamp_->snapshot.version));
  FLOTILLA_RETURN_IF_ERROR(CheckSnapshotFresh(stored_snapshot_->common, now));
  snapshot_ = stored_snapshot_;
  return OkStatus();
}

Status TrustedSet::OfferSnapshot(const Bytes& bytes, Time now) {
  if (!timestamp_) {
    return FailedPrecondition("snapshot: no timestamp is trusted");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckFile("snapshot", timestamp_->snapshot, bytes));
  FLOTILLA_ASSIGN_OR_RETURN(Snapshot offered, ReadSnapshot(root_, bytes));
  FLOTILLA_RETURN_IF_ERROR(CheckSnapshotContent(offered));
  FLOTILLA_RETURN_IF_ERROR(CheckSnapshotFresh(offered.common, now));
  snapshot_ = std::move(offered);
  return OkStatus();
}

Status TrustedSet::CheckSnapshotContent(const Snapshot& snapshot) const {
  FLOTILLA_RETURN_IF_ERROR(
      CheckVersion("snapshot", snapshot.common.version, timestamp_->snapshot.version));
  if (!stored_snapshot_) {
    return OkStatus();
  }
  for (const auto& [role, had] : stored_snapshot_->roles) {
    const auto found = snapshot.roles.find(role);
    if (found == snapshot.roles.end()) {
      return Denied(v1::FAILURE_REASON_TRUST_ROLE_REMOVED, role + ": removed from snapshot");
    }
    if (found->second.version < had.version) {
      return Denied(v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS,
                    role + ": " + Versions(found->second.version, had.version) + " or more");
    }
  }
  return OkStatus();
}

StatusOr<MetaFile> TrustedSet::TargetsFile(const std::string& role) const {
  if (!snapshot_) {
    return FailedPrecondition(role + ": no snapshot is trusted");
  }
  const auto found = snapshot_->roles.find(role);
  if (found == snapshot_->roles.end()) {
    return Denied(v1::FAILURE_REASON_TRUST_NOT_IN_SNAPSHOT, role + ": not listed in snapshot");
  }
  return found->second;
}

Status TrustedSet::VerifyTargets(const std::string& role, const Targets* delegator,
                                 const Envelope& envelope) const {
  if (delegator == nullptr) {
    return VerifyThreshold(role, envelope, root_.keys, root_.targets);
  }
  const RoleKeys* keys = delegator->delegations ? KeysOf(*delegator->delegations, role) : nullptr;
  if (keys == nullptr) {
    return FailedPrecondition(role + ": its delegator does not delegate to it");
  }
  return VerifyThreshold(role, envelope, delegator->delegations->keys, *keys);
}

Status TrustedSet::OfferTargets(const std::string& role, const Targets* delegator,
                                const Bytes& bytes, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const MetaFile file, TargetsFile(role));
  FLOTILLA_RETURN_IF_ERROR(CheckFile(role, file, bytes));
  FLOTILLA_ASSIGN_OR_RETURN(const Envelope envelope, ParseEnvelope(role, bytes, kMaxTargetsBytes));
  FLOTILLA_RETURN_IF_ERROR(VerifyTargets(role, delegator, envelope));
  FLOTILLA_ASSIGN_OR_RETURN(Targets offered, ParseTargets(role, envelope));
  FLOTILLA_RETURN_IF_ERROR(CheckVersion(role, offered.common.version, file.version));
  FLOTILLA_RETURN_IF_ERROR(
      CheckFresh(role, offered.common, now, v1::FAILURE_REASON_TRUST_EXPIRED_TARGETS));
  targets_.emplace(Edge(role, delegator), std::move(offered));
  return OkStatus();
}

const Targets* TrustedSet::FindTargets(const std::string& role, const Targets* delegator) const {
  const auto found = targets_.find(Edge(role, delegator));
  return found == targets_.end() ? nullptr : &found->second;
}

StatusOr<LinePolicy> TrustedSet::PolicyOf(const std::string& role) const {
  LinePolicy policy;
  bool found = false;
  // As several delegators delegate it: what any of them forbids is forbidden.
  for (const auto& [edge, targets] : targets_) {
    if (edge.first != role) {
      continue;
    }
    found = true;
    policy.floor = std::max(policy.floor, targets.policy.floor);
    policy.blocked.insert(policy.blocked.end(), targets.policy.blocked.begin(),
                          targets.policy.blocked.end());
  }
  if (!found) {
    return NotFound(role + ": not loaded; look up one of its targets first");
  }
  return policy;
}

TrustDates TrustedSet::Dates() const {
  TrustDates dates;
  if (timestamp_) {
    dates.timestamp_issued = timestamp_->common.issued;
  }
  if (snapshot_) {
    dates.snapshot_issued = snapshot_->common.issued;
  }
  const auto add = [&dates](const Common& common) {
    dates.publisher_expires =
        std::min(common.expires, dates.publisher_expires.value_or(common.expires));
    if (common.issued) {
      dates.publisher_issued =
          std::max(*common.issued, dates.publisher_issued.value_or(*common.issued));
    }
  };
  add(root_.common);
  for (const auto& [edge, targets] : targets_) {
    add(targets.common);
  }
  return dates;
}

std::vector<std::string> TrustedSet::LoadedRoles() const {
  std::vector<std::string> roles;
  for (const auto& [edge, targets] : targets_) {
    if (roles.empty() || roles.back() != edge.first) {
      roles.push_back(edge.first);
    }
  }
  return roles;
}

std::set<std::string> TrustedSet::AllPaths() const {
  std::set<std::string> paths;
  for (const auto& [edge, targets] : targets_) {
    for (const auto& [path, file] : targets.targets) {
      paths.insert(path);
    }
  }
  return paths;
}

}  // namespace flotilla::tuf

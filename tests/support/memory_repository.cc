#include "tests/support/memory_repository.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla {
namespace {

constexpr const char* kRoles[] = {"root", "timestamp", "snapshot", "targets"};

void Require(const Status& status) {
  if (!status.ok()) {
    std::cerr << "memory repository: " << status.ToString() << "\n";
    std::abort();
  }
}

template <typename T>
T Must(StatusOr<T> result) {
  Require(result.status());
  return std::move(result).value();
}

}  // namespace

MemoryRepository::MemoryRepository(Time now) {
  const Time expires = now + absl::Hours(30 * 24);
  tuf::Draft root = tuf::Draft::New(tuf::RoleType::kRoot, expires);
  for (const char* role : kRoles) {
    Require(root.AddKey(role, Key(role).public_key()));
  }
  Put("root", root, {"root"});
  factory_root_ = files_["1.root.json"];
  Put("targets", tuf::Draft::New(tuf::RoleType::kTargets, expires), {"targets"});
  PublishOnline(now);
}

StatusOr<Bytes> MemoryRepository::Fetch(const std::string& file_name, std::uint64_t max_bytes) {
  requests_.push_back(file_name);
  const auto failure = failures_.find(file_name);
  if (failure != failures_.end()) {
    return failure->second;
  }
  const auto found = files_.find(file_name);
  if (found == files_.end()) {
    return WithReason(NotFound(file_name), v1::FAILURE_REASON_FETCH_NOT_FOUND);
  }
  if (found->second.size() > max_bytes) {
    return WithReason(DataLoss(file_name), v1::FAILURE_REASON_FETCH_TOO_LARGE);
  }
  return found->second;
}

security::KeyPair& MemoryRepository::Key(const std::string& name) {
  auto& key = keys_[name];
  if (key == nullptr) {
    key = Must(security::GenerateEd25519());
  }
  return *key;
}

tuf::Draft MemoryRepository::Edit(const std::string& role) const {
  if (role == "timestamp") {
    tuf::Draft draft = Must(tuf::Draft::Load(files_.at("timestamp.json")));
    draft.SetVersion(draft.version() + 1);
    return draft;
  }
  std::int64_t newest = 0;
  for (const auto& [file_name, bytes] : files_) {
    const auto name = tuf::ParseMetadataName(file_name);
    if (name.ok() && name->role == role) {
      newest = std::max(newest, name->version);
    }
  }
  tuf::Draft draft = Must(tuf::Draft::Load(files_.at(tuf::MetadataFileName(role, newest))));
  draft.SetVersion(newest + 1);
  return draft;
}

void MemoryRepository::Put(const std::string& role, tuf::Draft draft,
                           const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    Require(draft.Sign(Key(key)));
  }
  const Bytes bytes = Must(draft.Encode());
  files_[tuf::MetadataFileName(role, 0)] = bytes;
  if (role != "timestamp") {
    files_[tuf::MetadataFileName(role, draft.version())] = bytes;
  }
}

void MemoryRepository::PublishOnline(Time now) {
  const tuf::OnlineRoles online(Key("snapshot"), Key("timestamp"), {});
  const tuf::OnlineMetadata made = Must(online.SignAll(files_, now));
  files_[made.snapshot_name] = made.snapshot;
  files_["snapshot.json"] = made.snapshot;
  files_["timestamp.json"] = made.timestamp;
}

void MemoryRepository::Delegate(const tuf::DelegationSpec& spec, Time expires) {
  tuf::Draft targets = Edit("targets");
  Require(targets.SetDelegation(spec));
  Put("targets", targets, {"targets"});
  Put(spec.name, tuf::Draft::New(tuf::RoleType::kTargets, expires), {spec.name});
}

}  // namespace flotilla

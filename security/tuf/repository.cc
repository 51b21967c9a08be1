#include "security/tuf/repository.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "security/sha256.h"
#include "security/tuf/fields.h"
#include "security/tuf/json.h"
#include "security/tuf/json_edit.h"
#include "security/tuf/key.h"
#include "security/tuf/limits.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

constexpr char kSpecVersion[] = "1.0.34";
constexpr std::pair<RoleType, std::string_view> kTypeNames[] = {{RoleType::kRoot, "root"},
                                                                {RoleType::kTimestamp, "timestamp"},
                                                                {RoleType::kSnapshot, "snapshot"},
                                                                {RoleType::kTargets, "targets"}};

std::string_view NameOf(RoleType type) {
  for (const auto& [candidate, name] : kTypeNames) {
    if (candidate == type) {
      return name;
    }
  }
  return "";
}

json::object EmptyRootRole() {
  return {{"keyids", json::array()}, {"threshold", 1}};
}

// Reads what a parser would refuse, so that a draft that loads can be published.
Status CheckParses(RoleType type, const Envelope& envelope) {
  switch (type) {
    case RoleType::kRoot:
      return ParseRoot(envelope).status();
    case RoleType::kTimestamp:
      return ParseTimestamp(envelope).status();
    case RoleType::kSnapshot:
      return ParseSnapshot(envelope).status();
    case RoleType::kTargets:
      return ParseTargets("targets", envelope).status();
    case RoleType::kUnspecified:
      break;
  }
  return SchemaError("'_type' is none of the four roles");
}

RoleType TypeOf(const json::object& signed_part) {
  const auto name = TextField(signed_part, "_type").value_or("");
  for (const auto& [type, text] : kTypeNames) {
    if (text == name) {
      return type;
    }
  }
  return RoleType::kUnspecified;
}

}  // namespace

Draft Draft::New(RoleType type, Time expires) {
  Draft draft;
  json::object& object = draft.signed_;
  object["_type"] = NameOf(type);
  object["spec_version"] = kSpecVersion;
  object["version"] = 1;
  object["expires"] = UtcText(expires);
  if (type == RoleType::kRoot) {
    object["consistent_snapshot"] = true;
    object["keys"] = json::object();
    json::object& roles = MemberObject(object, "roles");
    for (const auto& [unused, name] : kTypeNames) {
      roles[name] = EmptyRootRole();
    }
  } else if (type == RoleType::kTargets) {
    object["targets"] = json::object();
  } else {
    object["meta"] = json::object();
  }
  return draft;
}

StatusOr<Draft> Draft::Load(ByteView bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(Envelope envelope, ParseEnvelope("metadata", bytes, kMaxTargetsBytes));
  FLOTILLA_RETURN_IF_ERROR(CheckParses(TypeOf(envelope.signed_part), envelope));
  Draft draft;
  draft.signed_ = std::move(envelope.signed_part);
  draft.signatures_ = std::move(envelope.signatures);
  return draft;
}

RoleType Draft::type() const {
  return TypeOf(signed_);
}

std::int64_t Draft::version() const {
  return IntField(signed_, "version", 1).value_or(0);
}

Time Draft::expires() const {
  return TimeField(signed_, "expires").value_or(Time());
}

std::vector<std::string> Draft::signed_by() const {
  std::vector<std::string> ids;
  for (const Signature& signature : signatures_) {
    ids.push_back(signature.key_id);
  }
  return ids;
}

json::object& Draft::Edit() {
  signatures_.clear();
  return signed_;
}

void Draft::SetVersion(std::int64_t version) {
  Edit()["version"] = version;
}

void Draft::SetExpires(Time expires) {
  Edit()["expires"] = UtcText(expires);
}

void Draft::SetIssued(Time issued) {
  Edit()["x-flotilla-issued"] = UtcText(issued);
}

void Draft::SetSource(std::string_view source) {
  Edit()["x-flotilla-source"] = std::string(source);
}

StatusOr<json::object*> Draft::RootRole(std::string_view role) {
  if (type() != RoleType::kRoot) {
    return InvalidArgument("keys of the top-level roles stand in root");
  }
  json::object& roles = MemberObject(Edit(), "roles");
  if (!roles.contains(role)) {
    return InvalidArgument("'" + std::string(role) +
                           "' is not root, timestamp, snapshot or targets");
  }
  return &MemberObject(roles, role);
}

Status Draft::AddKey(std::string_view role, const security::PublicKey& key) {
  FLOTILLA_ASSIGN_OR_RETURN(json::object * object, RootRole(role));
  json::array& ids = MemberArray(*object, "keyids");
  const json::value id(KeyId(key));
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
    if (ids.size() >= kMaxKeysPerRole) {
      return InvalidArgument(std::string(role) + ": no more than 32 keys");
    }
    ids.push_back(id);
  }
  MemberObject(signed_, "keys")[id.get_string()] = KeyObject(key);
  return OkStatus();
}

Status Draft::DropKey(std::string_view role, std::string_view key_id) {
  FLOTILLA_ASSIGN_OR_RETURN(json::object * object, RootRole(role));
  json::array& ids = MemberArray(*object, "keyids");
  const auto found = std::find(ids.begin(), ids.end(), json::value(key_id));
  if (found == ids.end()) {
    return NotFound(std::string(role) + " has no key " + std::string(key_id));
  }
  ids.erase(found);
  std::vector<const json::object*> roles;
  for (const json::key_value_pair& member : MemberObject(signed_, "roles")) {
    roles.push_back(&member.value().as_object());
  }
  KeepUsedKeys(MemberObject(signed_, "keys"), roles);
  return OkStatus();
}

Status Draft::SetThreshold(std::string_view role, std::int64_t threshold) {
  FLOTILLA_ASSIGN_OR_RETURN(json::object * object, RootRole(role));
  if (threshold < 1 || threshold > static_cast<std::int64_t>(kMaxKeysPerRole)) {
    return InvalidArgument(std::string(role) + ": a threshold is 1 to 32");
  }
  (*object)["threshold"] = threshold;
  return OkStatus();
}

Status Draft::SetFloorReset(const std::string& delegated_role, std::int64_t floor) {
  if (type() != RoleType::kRoot || floor < 0) {
    return InvalidArgument("root alone resets floors, to 0 or more");
  }
  MemberObject(Edit(), "x-flotilla-floor-reset")[delegated_role] = floor;
  return OkStatus();
}

Status Draft::SetRoleVersion(std::string_view role, std::int64_t version) {
  if (type() != RoleType::kSnapshot) {
    return InvalidArgument("role versions stand in snapshot");
  }
  MemberObject(Edit(), "meta")[std::string(role) + ".json"] = {{"version", version}};
  return OkStatus();
}

Status Draft::SetSnapshot(std::int64_t version, ByteView snapshot_bytes) {
  if (type() != RoleType::kTimestamp) {
    return InvalidArgument("the snapshot's version stands in timestamp");
  }
  json::object file;
  file["version"] = version;
  file["length"] = static_cast<std::int64_t>(snapshot_bytes.size());
  file["hashes"] = HashesObject(security::Sha256(snapshot_bytes));
  MemberObject(Edit(), "meta")["snapshot.json"] = std::move(file);
  return OkStatus();
}

Status Draft::Sign(security::Signer& signer) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string canonical, EncodeCanonical(signed_));
  Signature signature;
  signature.key_id = KeyId(signer.public_key());
  FLOTILLA_ASSIGN_OR_RETURN(signature.value, signer.Sign(AsBytes(canonical)));
  AddSignature(std::move(signature));
  return OkStatus();
}

void Draft::AddSignature(Signature signature) {
  const auto found =
      std::find_if(signatures_.begin(), signatures_.end(),
                   [&](const Signature& existing) { return existing.key_id == signature.key_id; });
  if (found == signatures_.end()) {
    signatures_.push_back(std::move(signature));
  } else {
    *found = std::move(signature);
  }
}

Status Draft::MergeSignatures(const Draft& other) {
  if (!(signed_ == other.signed_)) {
    return InvalidArgument("the other copy says something else, so its signatures do not fit");
  }
  for (const Signature& signature : other.signatures_) {
    AddSignature(signature);
  }
  return OkStatus();
}

StatusOr<Bytes> Draft::Encode() const {
  json::array signatures;
  for (const Signature& signature : signatures_) {
    json::object entry;
    entry["keyid"] = signature.key_id;
    entry["sig"] = HexEncode(signature.value);
    signatures.push_back(std::move(entry));
  }
  json::object file;
  file["signatures"] = std::move(signatures);
  file["signed"] = signed_;
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, EncodeLegible(file));
  return ToBytes(text);
}

StatusOr<Bytes> Sign(ByteView metadata, security::Signer& signer) {
  FLOTILLA_ASSIGN_OR_RETURN(Draft draft, Draft::Load(metadata));
  FLOTILLA_RETURN_IF_ERROR(draft.Sign(signer));
  return draft.Encode();
}

}  // namespace flotilla::tuf

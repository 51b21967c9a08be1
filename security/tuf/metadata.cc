#include "security/tuf/metadata.h"

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "flotilla/v1/failure_reason.pb.h"
#include "security/tuf/fields.h"
#include "security/tuf/json.h"
#include "security/tuf/limits.h"
#include "security/tuf/role_parts.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

template <typename T>
StatusOr<T> Named(std::string_view role, StatusOr<T> result) {
  if (!result.ok()) {
    return Annotate(result.status(), std::string(role));
  }
  return result;
}

StatusOr<std::vector<Signature>> ParseSignatures(const json::object& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::array* array, ArrayField(file, "signatures"));
  if (array->size() > kMaxSignatures) {
    return SchemaError("more than " + std::to_string(kMaxSignatures) + " signatures");
  }
  std::vector<Signature> signatures;
  std::set<std::string> seen;
  for (const json::value& element : *array) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* object, AsObject(element, "signature"));
    Signature signature;
    FLOTILLA_ASSIGN_OR_RETURN(signature.key_id, TextField(*object, "keyid"));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string text, TextField(*object, "sig"));
    signature.value = HexDecode(text).value_or(Bytes());
    if (!seen.insert(signature.key_id).second) {
      return WithReason(DataLoss("two signatures under key id " + signature.key_id),
                        v1::FAILURE_REASON_FORM_DUPLICATE_SIGNATURE);
    }
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

StatusOr<Envelope> ReadEnvelope(ByteView bytes, std::uint64_t max_bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(json::value value, ParseJson(bytes, max_bytes));
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* file, AsObject(value, "the file"));
  Envelope envelope;
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* signed_part, ObjectField(*file, "signed"));
  FLOTILLA_ASSIGN_OR_RETURN(envelope.signatures, ParseSignatures(*file));
  FLOTILLA_ASSIGN_OR_RETURN(envelope.signed_bytes, EncodeCanonical(*signed_part));
  envelope.signed_part = *signed_part;
  return envelope;
}

StatusOr<MetaFile> ParseMetaFile(const json::object& file) {
  MetaFile meta;
  FLOTILLA_ASSIGN_OR_RETURN(meta.version, IntField(file, "version", 1));
  if (HasField(file, "length")) {
    FLOTILLA_ASSIGN_OR_RETURN(
        meta.length,
        ParseLength(file, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
  }
  if (HasField(file, "hashes")) {
    FLOTILLA_ASSIGN_OR_RETURN(meta.hashes, ParseHashes(file));
  }
  return meta;
}

StatusOr<Root> ReadRoot(const json::object& object) {
  Root root;
  FLOTILLA_ASSIGN_OR_RETURN(root.common, ParseCommon(object, "root"));
  FLOTILLA_ASSIGN_OR_RETURN(root.consistent_snapshot,
                            BoolField(object, "consistent_snapshot", false));
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* keys, ObjectField(object, "keys"));
  FLOTILLA_ASSIGN_OR_RETURN(root.keys, ParseKeys(*keys));
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* roles, ObjectField(object, "roles"));
  const std::pair<std::string_view, RoleKeys*> wanted[] = {{"root", &root.root},
                                                           {"timestamp", &root.timestamp},
                                                           {"snapshot", &root.snapshot},
                                                           {"targets", &root.targets}};
  for (const auto& [name, out] : wanted) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* role, ObjectField(*roles, name));
    FLOTILLA_ASSIGN_OR_RETURN(*out, ParseRoleKeys(*role));
  }
  if (HasField(object, "x-flotilla-floor-reset")) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* resets,
                              ObjectField(object, "x-flotilla-floor-reset"));
    for (const json::key_value_pair& member : *resets) {
      FLOTILLA_ASSIGN_OR_RETURN(root.floor_resets[std::string(member.key())],
                                IntField(*resets, member.key(), 0));
    }
  }
  return root;
}

StatusOr<Timestamp> ReadTimestamp(const json::object& object) {
  Timestamp timestamp;
  FLOTILLA_ASSIGN_OR_RETURN(timestamp.common, ParseCommon(object, "timestamp"));
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* meta, ObjectField(object, "meta"));
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* file, ObjectField(*meta, "snapshot.json"));
  FLOTILLA_ASSIGN_OR_RETURN(timestamp.snapshot, ParseMetaFile(*file));
  if (HasField(object, "x-flotilla-source")) {
    FLOTILLA_ASSIGN_OR_RETURN(timestamp.source, TextField(object, "x-flotilla-source"));
  }
  return timestamp;
}

StatusOr<Snapshot> ReadSnapshot(const json::object& object) {
  constexpr std::string_view kSuffix = ".json";
  Snapshot snapshot;
  FLOTILLA_ASSIGN_OR_RETURN(snapshot.common, ParseCommon(object, "snapshot"));
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* meta, ObjectField(object, "meta"));
  for (const json::key_value_pair& member : *meta) {
    const std::string_view name = member.key();
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* file, AsObject(member.value(), name));
    FLOTILLA_ASSIGN_OR_RETURN(MetaFile entry, ParseMetaFile(*file));
    if (name.ends_with(kSuffix)) {
      snapshot.roles.emplace(name.substr(0, name.size() - kSuffix.size()), std::move(entry));
    }
  }
  return snapshot;
}

}  // namespace

StatusOr<Envelope> ParseEnvelope(std::string_view role, ByteView bytes, std::uint64_t max_bytes) {
  return Named(role, ReadEnvelope(bytes, max_bytes));
}

StatusOr<Root> ParseRoot(const Envelope& envelope) {
  return Named("root", ReadRoot(envelope.signed_part));
}

StatusOr<Timestamp> ParseTimestamp(const Envelope& envelope) {
  return Named("timestamp", ReadTimestamp(envelope.signed_part));
}

StatusOr<Snapshot> ParseSnapshot(const Envelope& envelope) {
  return Named("snapshot", ReadSnapshot(envelope.signed_part));
}

}  // namespace flotilla::tuf

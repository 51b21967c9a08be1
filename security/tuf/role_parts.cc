#include "security/tuf/role_parts.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"
#include "security/sha256.h"
#include "security/sha512.h"
#include "security/tuf/fields.h"
#include "security/tuf/limits.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

// "1.MINOR" or "1.MINOR.PATCH"; other major versions mean other rules.
bool IsMajorOne(std::string_view text) {
  if (!text.starts_with("1.") || text.size() > 16) {
    return false;
  }
  text.remove_prefix(2);
  const std::size_t dot = text.find('.');
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return is_number(text.substr(0, dot)) &&
         (dot == std::string_view::npos || is_number(text.substr(dot + 1)));
}

void TakeHash(std::string_view algorithm, const std::string& text, Hashes& hashes) {
  if (algorithm == "sha256") {
    const auto digest = Digest::FromHex(text);
    if (digest.ok()) {
      hashes.sha256 = *digest;
    } else {
      ++hashes.malformed;
    }
  } else if (algorithm == "sha512") {
    auto bytes = HexDecode(text);
    if (bytes.ok() && bytes->size() == security::kSha512Size) {
      hashes.sha512 = std::move(bytes).value();
    } else {
      ++hashes.malformed;
    }
  } else {
    ++hashes.unknown;
  }
}

}  // namespace

StatusOr<Common> ParseCommon(const json::object& signed_part, std::string_view type) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string found, TextField(signed_part, "_type"));
  if (found != type) {
    return WithReason(DataLoss("is of type '" + found + "', not '" + std::string(type) + "'"),
                      v1::FAILURE_REASON_FORM_WRONG_TYPE);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string spec, TextField(signed_part, "spec_version"));
  if (!IsMajorOne(spec)) {
    return WithReason(DataLoss("spec_version '" + spec + "' is not 1.x"),
                      v1::FAILURE_REASON_FORM_SPEC_VERSION);
  }
  Common common;
  FLOTILLA_ASSIGN_OR_RETURN(common.version, IntField(signed_part, "version", 1));
  FLOTILLA_ASSIGN_OR_RETURN(common.expires, TimeField(signed_part, "expires"));
  if (HasField(signed_part, "x-flotilla-issued")) {
    FLOTILLA_ASSIGN_OR_RETURN(common.issued, TimeField(signed_part, "x-flotilla-issued"));
  }
  return common;
}

StatusOr<RoleKeys> ParseRoleKeys(const json::object& role) {
  RoleKeys keys;
  FLOTILLA_ASSIGN_OR_RETURN(keys.key_ids, TextArrayField(role, "keyids"));
  FLOTILLA_ASSIGN_OR_RETURN(keys.threshold, IntField(role, "threshold", 1));
  if (keys.key_ids.size() > kMaxKeysPerRole) {
    return SchemaError("a role with more than " + std::to_string(kMaxKeysPerRole) + " keys");
  }
  if (std::set<std::string>(keys.key_ids.begin(), keys.key_ids.end()).size() !=
      keys.key_ids.size()) {
    return SchemaError("a role that lists a key id twice");
  }
  return keys;
}

StatusOr<Hashes> ParseHashes(const json::object& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* object, ObjectField(file, "hashes"));
  if (object->empty()) {
    return SchemaError("'hashes' is empty");
  }
  Hashes hashes;
  for (const json::key_value_pair& member : *object) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string text, TextField(*object, member.key()));
    TakeHash(member.key(), text, hashes);
  }
  return hashes;
}

StatusOr<std::uint64_t> ParseLength(const json::object& file, std::uint64_t max) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t length, IntField(file, "length", 0));
  if (static_cast<std::uint64_t>(length) > max) {
    return SchemaError("a length of more than " + std::to_string(max));
  }
  return static_cast<std::uint64_t>(length);
}

Status CheckHashes(const Hashes& hashes, ByteView bytes) {
  const bool known = hashes.sha256.has_value() || hashes.sha512.has_value();
  const bool agree = (!hashes.sha256 || *hashes.sha256 == security::Sha256(bytes)) &&
                     (!hashes.sha512 || *hashes.sha512 == security::Sha512(bytes));
  if (!known || hashes.malformed > 0 || !agree) {
    return WithReason(DataLoss(known ? "the hash differs" : "no known hash is listed"),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  return OkStatus();
}

}  // namespace flotilla::tuf

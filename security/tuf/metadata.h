// The four roles of TUF 1.0 metadata, read strictly. Nothing here is trusted until a signature
// threshold was checked (security/tuf/threshold.h).
#ifndef FLOTILLA_SECURITY_TUF_METADATA_H_
#define FLOTILLA_SECURITY_TUF_METADATA_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"
#include "security/tuf/key.h"

namespace flotilla::tuf {

struct Signature {
  std::string key_id;
  // Empty when the text was no hex: such a signature is tolerated and never counts.
  Bytes value;
};

// A metadata file taken apart, its signatures not yet checked.
struct Envelope {
  boost::json::object signed_part;  // unknown fields included
  std::string signed_bytes;         // canonical form of signed_part: what the signatures cover
  std::vector<Signature> signatures;
};

// What every role has.
struct Common {
  std::int64_t version = 0;
  Time expires;
  // x-flotilla-issued: when the role was signed.
  std::optional<Time> issued;
};

struct RoleKeys {
  std::vector<std::string> key_ids;
  std::int64_t threshold = 0;
};

struct Root {
  Common common;
  bool consistent_snapshot = false;
  KeyMap keys;
  RoleKeys root;
  RoleKeys timestamp;
  RoleKeys snapshot;
  RoleKeys targets;
  // x-flotilla-floor-reset, by role: whatever floor a device remembers of that role counts as this
  // one at most.
  std::map<std::string, std::int64_t> floor_resets;
};

struct Hashes {
  std::optional<Digest> sha256;
  std::optional<Bytes> sha512;
  // Values of known algorithms that are no digest: they agree with no bytes.
  int malformed = 0;
  // Listed algorithms that this build does not know.
  int unknown = 0;
};

// DATA_LOSS with TRUST_HASH_MISMATCH unless every listed known hash is that of `bytes` and at least
// one is known.
Status CheckHashes(const Hashes& hashes, ByteView bytes);

// What timestamp says of snapshot, and snapshot of each targets role.
struct MetaFile {
  std::int64_t version = 0;
  std::optional<std::uint64_t> length;
  std::optional<Hashes> hashes;
};

struct Timestamp {
  Common common;
  MetaFile snapshot;
  // x-flotilla-source: "bundle" for a timestamp that travels on a medium; empty online.
  std::string source;
};

struct Snapshot {
  Common common;
  // By role name: "targets", "models-pump-assistant".
  std::map<std::string, MetaFile> roles;
};

struct TargetFile {
  std::uint64_t length = 0;
  Hashes hashes;
  boost::json::object custom;
};

struct DelegatedRole {
  std::string name;
  RoleKeys keys;
  bool terminating = false;
  // Exactly one of the two is set: patterns by path segment, or prefixes of the hex SHA-256 of the
  // path.
  std::optional<std::vector<std::string>> paths;
  std::optional<std::vector<std::string>> path_hash_prefixes;
};

// TAP 15: 2^bit_length roles "<prefix>-<hex>", chosen by the path's hash.
struct SuccinctRoles {
  RoleKeys keys;
  int bit_length = 0;
  std::string name_prefix;
};

struct Delegations {
  KeyMap keys;
  std::vector<DelegatedRole> roles;  // in order of appearance
  std::optional<SuccinctRoles> succinct;
};

// A publisher's floor for one line of releases: what must never run again.
struct LinePolicy {
  std::int64_t floor = 0;       // x-flotilla-floor: the lowest release counter that may run
  std::vector<Digest> blocked;  // x-flotilla-blocked: artifacts and release documents

  bool Blocks(const Digest& digest) const;
};

struct Targets {
  Common common;
  std::map<std::string, TargetFile> targets;  // by path
  std::optional<Delegations> delegations;
  LinePolicy policy;
};

// Errors of all parsers: DATA_LOSS with a FORM_* reason (206 schema, 207 spec version, 208 wrong
// type, 209 key id, 210 duplicate signature) or those of ParseJson; the text starts with "ROLE: ".
StatusOr<Envelope> ParseEnvelope(std::string_view role, ByteView bytes, std::uint64_t max_bytes);
StatusOr<Root> ParseRoot(const Envelope& envelope);
StatusOr<Timestamp> ParseTimestamp(const Envelope& envelope);
StatusOr<Snapshot> ParseSnapshot(const Envelope& envelope);
// `role` is "targets" or the name of a delegated role, for the error text.
StatusOr<Targets> ParseTargets(std::string_view role, const Envelope& envelope);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_METADATA_H_

// The writer's side of a repository: metadata being edited, signed and merged. Pure; keys come as
// Signers, times as arguments.
#ifndef FLOTILLA_SECURITY_TUF_REPOSITORY_H_
#define FLOTILLA_SECURITY_TUF_REPOSITORY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"
#include "security/public_key.h"
#include "security/signer.h"
#include "security/tuf/metadata.h"

namespace flotilla::tuf {

enum class RoleType { kUnspecified = 0, kRoot, kTimestamp, kSnapshot, kTargets };

// One delegation of targets.json: who signs which paths.
struct DelegationSpec {
  std::string name;  // "models-pump-assistant"
  std::vector<security::PublicKey> keys;
  std::int64_t threshold = 1;
  std::vector<std::string> paths;  // "models-pump-assistant/*"
  bool terminating = true;
};

// A metadata file being edited. Fields it does not know are kept. Every edit drops the signatures,
// since they would not hold any more. Copyable; one thread at a time.
// Errors: INVALID_ARGUMENT where an edit makes no sense for the role type or a value is out of
// bounds.
class Draft {
 public:
  // Version 1; a root has no keys and thresholds of 1, consistent snapshots on.
  static Draft New(RoleType type, Time expires);
  // DATA_LOSS with a FORM_* reason when the bytes are no metadata of ours. Signatures are kept and
  // not checked.
  static StatusOr<Draft> Load(ByteView bytes);

  RoleType type() const;
  std::int64_t version() const;
  Time expires() const;
  // Key ids of the signatures, in order.
  std::vector<std::string> signed_by() const;
  const boost::json::object& signed_part() const { return signed_; }

  void SetVersion(std::int64_t version);
  void SetExpires(Time expires);
  // x-flotilla-issued.
  void SetIssued(Time issued);
  // x-flotilla-source: "bundle".
  void SetSource(std::string_view source);

  // Root: `role` is "root", "timestamp", "snapshot" or "targets". Adding a key twice is no error.
  Status AddKey(std::string_view role, const security::PublicKey& key);
  // NOT_FOUND when the role has no such key. Also forgets a key that no role uses any more.
  Status DropKey(std::string_view role, std::string_view key_id);
  Status SetThreshold(std::string_view role, std::int64_t threshold);
  // x-flotilla-floor-reset: devices count the floor they remember of that delegated role as
  // `floor` at most from now on.
  Status SetFloorReset(const std::string& delegated_role, std::int64_t floor);

  // Targets roles. Paths: [A-Za-z0-9._/-], no leading '/', no empty, "." or ".." segment (with
  // FORM_BAD_PATH). A target at the same path is replaced.
  Status AddTarget(const std::string& path, std::uint64_t length, const Digest& sha256,
                   const boost::json::object& custom);
  // NOT_FOUND when it is not listed.
  Status RemoveTarget(std::string_view path);
  // A delegation of the same name is replaced in its place; a new one goes to the end.
  Status SetDelegation(const DelegationSpec& spec);
  Status RemoveDelegation(std::string_view name);
  // x-flotilla-floor; a floor never falls (FAILED_PRECONDITION).
  Status RaiseFloor(std::int64_t floor);
  // Any floor: devices take a lower one only beside a root that resets it.
  Status ResetFloor(std::int64_t floor);
  // x-flotilla-blocked; a digest that is listed already is no error.
  Status Block(const Digest& digest);

  // Snapshot: the version of one role. Timestamp: the version, length and hash of the snapshot.
  Status SetRoleVersion(std::string_view role, std::int64_t version);
  Status SetSnapshot(std::int64_t version, ByteView snapshot_bytes);

  // Adds or replaces this signer's signature.
  Status Sign(security::Signer& signer);
  // Takes over signatures from a copy that was signed elsewhere. INVALID_ARGUMENT when its signed
  // part differs.
  Status MergeSignatures(const Draft& other);

  // The file. Signatures cover the canonical form, so its layout is free.
  StatusOr<Bytes> Encode() const;

 private:
  Draft() = default;
  // The signed part to be changed: drops the signatures.
  boost::json::object& Edit();
  StatusOr<boost::json::object*> RootRole(std::string_view role);
  StatusOr<boost::json::object*> TargetsMember(std::string_view member);
  static void DropUnusedDelegationKeys(boost::json::object& delegations);
  void AddSignature(Signature signature);

  boost::json::object signed_;
  std::vector<Signature> signatures_;
};

// Draft::Load + Sign + Encode.
StatusOr<Bytes> Sign(ByteView metadata, security::Signer& signer);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_REPOSITORY_H_

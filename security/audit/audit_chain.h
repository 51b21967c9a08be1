// The audit log as a chain of hashes: whoever changes, takes out, moves or adds an entry has to
// change every hash after it, and the newest hash is what an operator has noted. Pure; the
// controller writes by it and fleetctl checks by it.
//
// Version 1. A field is its length (4 bytes, big-endian) and its bytes; numbers are big-endian.
//   genesis = SHA-256(field "flotilla-audit-genesis-v1", field <site id>)
//   hash    = SHA-256(field "flotilla-audit-v1", field <hash before, 32 bytes>, field <seq, 8>,
//                     field <seconds since 1970, 8; nanoseconds, 4>, field <actor>,
//                     field <action>, field <subject>, field <detail>)
#ifndef FLOTILLA_SECURITY_AUDIT_AUDIT_CHAIN_H_
#define FLOTILLA_SECURITY_AUDIT_AUDIT_CHAIN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "flotilla/v1/admin.pb.h"

#include "base/digest.h"
#include "base/status.h"

namespace flotilla::security {

// How far a log goes, and its hash there.
struct AuditHead {
  std::uint64_t seq = 0;
  Digest hash;

  // "41:<64 digits>": what an operator notes.
  std::string Text() const;
  // INVALID_ARGUMENT.
  static StatusOr<AuditHead> Parse(std::string_view text);
};

Digest AuditGenesis(std::string_view site_id);
// Of all fields of `entry` but its hash, and the hash of the entry before.
Digest AuditHash(const v1::AuditEntry& entry, const Digest& before);

// Recomputes a log, entry by entry, oldest first.
class AuditChecker {
 public:
  // Behind `start`: {0, genesis}, or an entry that is believed.
  explicit AuditChecker(const AuditHead& start) : head_(start) {}

  // DATA_LOSS names the seq, and whether entries are missing, come in the wrong order, or were
  // changed. Ask no more then.
  Status Take(const v1::AuditEntry& entry);
  // Entries up to here are sound.
  const AuditHead& head() const { return head_; }
  std::uint64_t entries() const { return entries_; }

 private:
  AuditHead head_;
  std::uint64_t entries_ = 0;
};

// The log against a head that was noted before. `at_noted`: the sound hash at noted.seq, as it was
// recomputed now. DATA_LOSS: the log ends before it (entries were cut off), or was written anew.
Status CheckNotedHead(const AuditHead& noted, const AuditHead& newest, const Digest& at_noted);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_AUDIT_AUDIT_CHAIN_H_

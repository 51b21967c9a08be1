#ifndef FLOTILLA_CONTROLLER_ACCESS_REFUSAL_AUDIT_H_
#define FLOTILLA_CONTROLLER_ACCESS_REFUSAL_AUDIT_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "base/token_bucket.h"
#include "controller/fleet/fleet.h"
#include "security/x509/peer.h"

namespace flotilla::controller {

// "operator:alice", "device:pump-01", "unknown".
std::string ActorOf(const security::PeerIdentity* peer);

// Writes refused changes into the audit log: action "access.refused", subject the call, detail why.
// At most 10 entries a second (100 at once), so that nobody fills the disk with refusals: the next
// entry then says how many had no place. Refused reads are not written. Thread-safe; what is given
// outlives it, and it outlives the fleet's loop.
class RefusalAudit {
 public:
  RefusalAudit(Fleet& fleet, const Clock& clock);

  // `what` as in permissions.h; unknown calls count as changes.
  void Note(const security::PeerIdentity* peer, const std::string& what, const Status& why);

 private:
  void Write(const std::string& actor, const std::string& what, const Status& why);

  Fleet& fleet_;
  const Clock& clock_;
  // Fleet loop only.
  TokenBucket entries_;
  std::uint64_t left_out_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ACCESS_REFUSAL_AUDIT_H_

#ifndef FLOTILLA_SECURITY_X509_PEER_CHECKER_H_
#define FLOTILLA_SECURITY_X509_PEER_CHECKER_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "base/time.h"
#include "security/x509/peer.h"

namespace flotilla::security {

// CheckPeer for a listener to which the same peers come again and again: what was found out about a
// certificate is remembered for as long as a new check would find the same, that is until it or one
// of the CAs ends, or `now` goes back behind the check. Only what passed is remembered, by the
// SHA-256 of its text. Reading and verifying a certificate costs as much as the rest of a resumed
// TLS session. Thread-safe.
class PeerChecker {
 public:
  static constexpr std::size_t kPeers = 65'536;  // 0.4 KB each

  // Remembers the `most` peers, at least 2, that came last, and up to as many again.
  explicit PeerChecker(std::string_view ca_pem, std::size_t most = kPeers);
  ~PeerChecker();
  PeerChecker(const PeerChecker&) = delete;
  PeerChecker& operator=(const PeerChecker&) = delete;

  // As CheckPeer, and its errors.
  StatusOr<PeerIdentity> Check(std::string_view leaf_pem, Time now) const;
  // How many it remembers.
  std::size_t remembered() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_PEER_CHECKER_H_

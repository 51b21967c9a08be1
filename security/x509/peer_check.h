// CheckPeer (peer.h) with certificates that are read already.
#ifndef FLOTILLA_SECURITY_X509_PEER_CHECK_H_
#define FLOTILLA_SECURITY_X509_PEER_CHECK_H_

#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "security/openssl_ptr.h"
#include "security/x509/peer.h"

namespace flotilla::security {

// As CheckPeer; `authorities` may be in use by other threads too.
StatusOr<PeerIdentity> CheckPeerUnder(const std::vector<X509Ptr>& authorities,
                                      std::string_view leaf_pem, Time now, EndCheck end);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_PEER_CHECK_H_

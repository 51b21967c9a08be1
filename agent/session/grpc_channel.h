// Channels to the controller with the arguments that its listeners expect. For grpc_* files only.
#ifndef FLOTILLA_AGENT_SESSION_GRPC_CHANNEL_H_
#define FLOTILLA_AGENT_SESSION_GRPC_CHANNEL_H_

#include <memory>
#include <string>

#include <grpc/grpc_security.h>
#include <grpcpp/grpcpp.h>

#include "agent/session/grpc_session_transport.h"

namespace flotilla::agent {

// TLS sessions to resume: a resumed handshake costs the controller half. Share one per identity.
class TlsSessionCache {
 public:
  TlsSessionCache();

  grpc_ssl_session_cache* get() const { return cache_.get(); }

 private:
  std::shared_ptr<grpc_ssl_session_cache> cache_;
};

// The server's certificate is judged by `check_server` alone, on every connection, resumed ones
// too: OpenSSL would ask the system's clock, which a device may not have.
std::shared_ptr<grpc::ChannelCredentials> MutualTls(const SessionCredentials& credentials);

// A channel of its own: no connection and no backoff is shared with another. `sessions` may be
// null.
std::shared_ptr<grpc::Channel> NewChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    const TlsSessionCache* sessions, const Link& link = {});

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_GRPC_CHANNEL_H_

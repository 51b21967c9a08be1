#ifndef FLOTILLA_AGENT_SESSION_GRPC_SESSION_TRANSPORT_H_
#define FLOTILLA_AGENT_SESSION_GRPC_SESSION_TRANSPORT_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/session/session_transport.h"
#include "base/executor.h"
#include "base/status.h"
#include "security/http_proxy.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace flotilla::agent {

// Judges the certificate of the controller's server: TrustClock::CheckServer. On gRPC's threads.
using ServerCheck = std::function<Status(std::string_view leaf_pem, std::string_view ca_pem,
                                         std::string_view host)>;

// PEM texts for mutual TLS.
struct SessionCredentials {
  std::string ca_pem;
  std::string certificate_chain_pem;
  std::string private_key_pem;
  ServerCheck check_server;
};

// What lies between the device and the controller.
enum class LinkKind {
  kUnspecified = 0,
  kPlain,
  kStrictNat,  // forgets a connection that is quiet for a minute: HTTP/2 pings every 50 s
};

// The way to the controller.
struct Link {
  LinkKind kind = LinkKind::kPlain;
  // Null: there is none.
  std::shared_ptr<const security::HttpProxy> proxy = nullptr;
};

// SessionTransport over gRPC's callback API: one bidirectional stream, one read and one write in
// flight, at most kMaxQueued messages waiting (more end the session with RESOURCE_EXHAUSTED).
// gRPC's threads only post to `executor`, which must outlive this object. TLS sessions are resumed.
class GrpcSessionTransport final : public SessionTransport {
 public:
  static constexpr int kMaxQueued = 1024;

  // `address` is "host:port" of the device listener.
  GrpcSessionTransport(std::string address, const SessionCredentials& credentials,
                       Executor& executor, Link link = {});
  ~GrpcSessionTransport() override;
  GrpcSessionTransport(const GrpcSessionTransport&) = delete;
  GrpcSessionTransport& operator=(const GrpcSessionTransport&) = delete;

  void Open(SessionHandler& handler) override;
  void Send(const v1::SessionRequest& message) override;
  void Close() override;
  // Sessions opened from now on use these.
  void Replace(const SessionCredentials& credentials);
  // That the open session runs over, for other calls beside it; null without a session. To be let
  // go on the executor's thread.
  std::shared_ptr<grpc::Channel> channel() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_GRPC_SESSION_TRANSPORT_H_

#ifndef FLOTILLA_AGENT_SESSION_GRPC_SESSION_TRANSPORT_H_
#define FLOTILLA_AGENT_SESSION_GRPC_SESSION_TRANSPORT_H_

#include <memory>
#include <string>

#include "agent/session/session_transport.h"
#include "base/executor.h"

namespace flotilla::agent {

// PEM texts for mutual TLS.
struct SessionCredentials {
  std::string ca_pem;
  std::string certificate_chain_pem;
  std::string private_key_pem;
};

// SessionTransport over gRPC's callback API: one bidirectional stream, one read and one write in
// flight, at most kMaxQueued messages waiting (more end the session with RESOURCE_EXHAUSTED).
// gRPC's threads only post to `executor`, which must outlive this object. TLS sessions are resumed.
class GrpcSessionTransport final : public SessionTransport {
 public:
  static constexpr int kMaxQueued = 1024;

  // `address` is "host:port" of the device listener.
  GrpcSessionTransport(std::string address, const SessionCredentials& credentials,
                       Executor& executor);
  ~GrpcSessionTransport() override;
  GrpcSessionTransport(const GrpcSessionTransport&) = delete;
  GrpcSessionTransport& operator=(const GrpcSessionTransport&) = delete;

  void Open(SessionHandler& handler) override;
  void Send(const v1::SessionRequest& message) override;
  void Close() override;
  // Sessions opened from now on use these.
  void Replace(const SessionCredentials& credentials);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_GRPC_SESSION_TRANSPORT_H_

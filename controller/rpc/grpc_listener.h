#ifndef FLOTILLA_CONTROLLER_RPC_GRPC_LISTENER_H_
#define FLOTILLA_CONTROLLER_RPC_GRPC_LISTENER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "base/status.h"
#include "base/time.h"

namespace flotilla::controller {

enum class ClientProof { kUnspecified = 0, kNone, kCertificate };

struct GrpcListenerOptions {
  // "0.0.0.0:7442"; port 0 takes a free one.
  std::string address;
  // Server certificate, leaf first, and its key.
  std::string certificate_chain_pem;
  std::string private_key_pem;
  // Authority of client certificates.
  std::string client_ca_pem;
  ClientProof client_proof = ClientProof::kUnspecified;
  int max_receive_bytes = 64 * 1024;
  int max_send_bytes = 256 * 1024;
  int max_concurrent_streams = 8;
};

// One TLS listener of gRPC's own server with its services: for operators, enrolment and replicas.
// Never plaintext.
class GrpcListener {
 public:
  // The services outlive the listener. UNAVAILABLE: the port is taken or the certificate is bad.
  static StatusOr<std::unique_ptr<GrpcListener>> Start(const GrpcListenerOptions& options,
                                                       const std::vector<grpc::Service*>& services);
  // Ends calls that are still open.
  ~GrpcListener();
  GrpcListener(const GrpcListener&) = delete;
  GrpcListener& operator=(const GrpcListener&) = delete;

  std::uint16_t port() const { return port_; }
  // Refuses new calls, gives open ones `grace`, then cancels them. Returns when all have ended:
  // the loop that ends them must run. Idempotent.
  void Stop(Duration grace);

 private:
  GrpcListener() = default;

  std::unique_ptr<grpc::Server> server_;
  std::uint16_t port_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_GRPC_LISTENER_H_

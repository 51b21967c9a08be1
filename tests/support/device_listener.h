#ifndef FLOTILLA_TESTS_SUPPORT_DEVICE_LISTENER_H_
#define FLOTILLA_TESTS_SUPPORT_DEVICE_LISTENER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>

#include "agent/session/grpc_session_transport.h"
#include "security/x509/authority.h"

namespace flotilla::agent {

struct DeviceListenerOptions {
  std::string name = "localhost";  // in the server's certificate
  grpc_ssl_client_certificate_request_type client_certificate =
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
};

// Services of a controller on a free port of the loopback, over mutual TLS with an authority of its
// own, and what a device needs to call them. Everything it issues is good for an hour.
class DeviceListener {
 public:
  // The services outlive it.
  explicit DeviceListener(const std::vector<grpc::Service*>& services,
                          const DeviceListenerOptions& options = {});
  ~DeviceListener();
  DeviceListener(const DeviceListener&) = delete;
  DeviceListener& operator=(const DeviceListener&) = delete;

  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  // "localhost:PORT".
  std::string address() const;
  // The device "d1" with another key at each call.
  SessionCredentials NewIdentity() const;
  // Ends the calls that are open, at once, and answers no more. Idempotent.
  void Stop();

 private:
  const security::CertificateAuthority authority_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_DEVICE_LISTENER_H_

#include "tests/support/device_listener.h"

#include <string_view>

#include "absl/strings/str_cat.h"

#include "base/os_clock.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"

namespace flotilla::agent {

DeviceListener::DeviceListener(const std::vector<grpc::Service*>& services,
                               const DeviceListenerOptions& options)
    : authority_(security::CertificateAuthority::Create("fleet", OsClock().Now(), absl::Hours(2))
                     .value()) {
  const security::EcKey key = security::EcKey::Generate().value();
  const auto issued = authority_.IssueServer(key.MakeCsrDer().value(), {options.name},
                                             OsClock().Now(), absl::Hours(1));
  grpc::SslServerCredentialsOptions tls(options.client_certificate);
  tls.pem_root_certs = authority_.cert_pem();
  tls.pem_key_cert_pairs.push_back({key.ToPem().value(), issued->chain_pem});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
  for (grpc::Service* const service : services) {
    builder.RegisterService(service);
  }
  server_ = builder.BuildAndStart();
}

DeviceListener::~DeviceListener() {
  Stop();
}

std::string DeviceListener::address() const {
  return absl::StrCat("localhost:", port_);
}

SessionCredentials DeviceListener::NewIdentity() const {
  const security::EcKey key = security::EcKey::Generate().value();
  const auto issued = authority_.IssueDevice(
      key.MakeCsrDer().value(), DeviceId::Parse("d1").value(), OsClock().Now(), absl::Hours(1));
  return {authority_.cert_pem(), issued->chain_pem, key.ToPem().value(),
          [](std::string_view leaf, std::string_view ca, std::string_view host) {
            return security::CheckServer(leaf, ca, host, OsClock().Now());
          }};
}

void DeviceListener::Stop() {
  // A deadline that has passed: open calls are cancelled at once.
  server_->Shutdown(gpr_time_0(GPR_CLOCK_REALTIME));
  server_->Wait();
}

}  // namespace flotilla::agent

#include "tests/integration/controller_rpc/loopback_site.h"

#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "base/os_clock.h"
#include "flotilla/v1/enrolment.grpc.pb.h"
#include "security/x509/ec_key.h"

namespace flotilla::controller {
namespace {

using security::CertificateAuthority;
using Services = std::vector<std::shared_ptr<grpc::Service>>;

StatusOr<security::IssuedCertificate> Issue(const CertificateAuthority& authority, RpcKind kind,
                                            const std::string& name, security::OperatorRole role,
                                            const Bytes& csr) {
  const Time now = OsClock().Now();
  const Duration life = absl::Hours(1);
  switch (kind) {
    case RpcKind::kDevice:
      return authority.IssueDevice(csr, DeviceId::Parse(name).value(), now, life);
    case RpcKind::kOperator:
      return authority.IssueOperator(csr, name, role, now, life);
    case RpcKind::kReplica:
      return authority.IssueReplica(csr, name, now, life);
    case RpcKind::kServer:
      break;
  }
  return authority.IssueServer(csr, {name}, now, life);
}

}  // namespace

RpcIdentity IssueIdentity(const CertificateAuthority& authority, RpcKind kind,
                          const std::string& name, security::OperatorRole role) {
  const security::EcKey key = security::EcKey::Generate().value();
  const auto issued = Issue(authority, kind, name, role, key.MakeCsrDer().value());
  EXPECT_TRUE(issued.ok()) << issued.status();
  return {issued->chain_pem, key.ToPem().value(), issued->serial_hex};
}

std::shared_ptr<grpc::Channel> DialAs(const RpcIdentity& identity,
                                      const CertificateAuthority& authority, std::uint16_t port) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = authority.cert_pem();
  tls.pem_cert_chain = identity.chain;
  tls.pem_private_key = identity.key;
  return grpc::CreateChannel(absl::StrCat("localhost:", port), grpc::SslCredentials(tls));
}

RpcSiteOptions LoopbackSite(const CertificateAuthority& authority) {
  const RpcIdentity server = IssueIdentity(authority, RpcKind::kServer, "localhost");
  RpcSiteOptions options;
  options.enrolment_listen = options.device_listen = options.operator_listen = "127.0.0.1:0";
  options.certificate_chain_pem = server.chain;
  options.private_key_pem = server.key;
  options.ca_pem = authority.cert_pem();
  return options;
}

RpcSiteServices LeastServices() {
  RpcSiteServices services;
  services.enrolment = [] {
    return Services{std::make_shared<v1::EnrolmentService::CallbackService>()};
  };
  services.operators = [](const OperatorCalls&) { return Services(); };
  return services;
}

}  // namespace flotilla::controller

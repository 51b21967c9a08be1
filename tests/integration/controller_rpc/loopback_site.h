// What the RpcSites of these tests have in common: free ports of the loopback, and who calls them.
#ifndef FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_LOOPBACK_SITE_H_
#define FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_LOOPBACK_SITE_H_

#include <cstdint>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "controller/rpc/rpc_site.h"
#include "security/x509/authority.h"
#include "security/x509/operator_role.h"

namespace flotilla::controller {

// A key and the certificate that was issued for it, PEM; good for an hour.
struct RpcIdentity {
  std::string chain;
  std::string key;
  std::string serial;
};

enum class RpcKind { kDevice, kOperator, kReplica, kServer };

RpcIdentity IssueIdentity(const security::CertificateAuthority& authority, RpcKind kind,
                          const std::string& name,
                          security::OperatorRole role = security::OperatorRole::kAdmin);

// A channel to "localhost" that trusts `authority`.
std::shared_ptr<grpc::Channel> DialAs(const RpcIdentity& identity,
                                      const security::CertificateAuthority& authority,
                                      std::uint16_t port);

// With a certificate for "localhost".
RpcSiteOptions LoopbackSite(const security::CertificateAuthority& authority);
// An enrolment service that serves nothing, and none for operators.
RpcSiteServices LeastServices();

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_LOOPBACK_SITE_H_

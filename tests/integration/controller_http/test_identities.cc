#include "tests/integration/controller_http/test_identities.h"

#include <string>

#include "base/strong_id.h"
#include "security/x509/ec_key.h"

namespace flotilla::http {
namespace {

template <typename Issue>
TestIdentity Make(Issue issue) {
  const auto key = security::EcKey::Generate().value();
  const auto issued = issue(key.MakeCsrDer().value());
  return {issued.chain_pem, key.ToPem().value(), issued.serial_hex};
}

}  // namespace

TestIdentity MakeServer(const security::CertificateAuthority& ca, Time now) {
  return Make([&](const Bytes& csr) {
    return ca.IssueServer(csr, {"localhost", "127.0.0.1"}, now, security::kServerLife).value();
  });
}

TestIdentity MakeDevice(const security::CertificateAuthority& ca, const std::string& id, Time now) {
  return Make([&](const Bytes& csr) {
    return ca.IssueDevice(csr, DeviceId::Parse(id).value(), now, security::kDeviceLife).value();
  });
}

TestIdentity MakeOperator(const security::CertificateAuthority& ca, const std::string& name,
                          Time now) {
  return Make([&](const Bytes& csr) {
    return ca.IssueOperator(csr, name, security::OperatorRole::kAdmin, now, security::kOperatorLife)
        .value();
  });
}

}  // namespace flotilla::http

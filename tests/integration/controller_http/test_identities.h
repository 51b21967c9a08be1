#ifndef FLOTILLA_TESTS_INTEGRATION_CONTROLLER_HTTP_TEST_IDENTITIES_H_
#define FLOTILLA_TESTS_INTEGRATION_CONTROLLER_HTTP_TEST_IDENTITIES_H_

#include <string>

#include "security/x509/authority.h"

namespace flotilla::http {

// A key and the chain that was issued for it.
struct TestIdentity {
  std::string chain_pem;
  std::string key_pem;
  std::string serial_hex;
};

TestIdentity MakeServer(const security::CertificateAuthority& ca, Time now);
TestIdentity MakeDevice(const security::CertificateAuthority& ca, const std::string& id, Time now);
TestIdentity MakeOperator(const security::CertificateAuthority& ca, const std::string& name,
                          Time now);

}  // namespace flotilla::http

#endif  // FLOTILLA_TESTS_INTEGRATION_CONTROLLER_HTTP_TEST_IDENTITIES_H_

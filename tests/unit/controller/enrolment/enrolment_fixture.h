#ifndef FLOTILLA_TESTS_UNIT_CONTROLLER_ENROLMENT_ENROLMENT_FIXTURE_H_
#define FLOTILLA_TESTS_UNIT_CONTROLLER_ENROLMENT_ENROLMENT_FIXTURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/status.h"
#include "controller/enrolment/enrolment.h"
#include "controller/enrolment/token_desk.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "tests/support/fake_enrolment_ledger.h"
#include "tests/support/fake_executor.h"
#include "tests/support/seeded_random.h"

namespace flotilla::controller {

class EnrolmentFixture : public testing::Test {
 protected:
  v1::CreateTokenResponse NewToken(std::uint32_t uses) {
    v1::CreateTokenRequest request;
    request.set_max_uses(uses);
    (*request.mutable_labels())["site"] = "north";
    std::optional<StatusOr<v1::CreateTokenResponse>> answer;
    tokens_.Create(request, "operator:alice",
                   [&](StatusOr<v1::CreateTokenResponse> r) { answer = std::move(r); });
    return answer.value().value();
  }
  static v1::EnrollRequest RequestOf(const std::string& token, const security::EcKey& key,
                                     const std::string& id, const std::string& machine) {
    v1::EnrollRequest request;
    request.set_token(token);
    request.set_csr_der(ToText(key.MakeCsrDer().value()));
    request.set_device_id(id);
    request.set_machine_fingerprint(machine);
    return request;
  }
  StatusOr<v1::EnrollResponse> Enroll(const v1::EnrollRequest& request) {
    std::optional<StatusOr<v1::EnrollResponse>> answer;
    enrolment_.Enroll(request, [&](StatusOr<v1::EnrollResponse> r) { answer = std::move(r); });
    return answer.has_value() ? *std::move(answer) : Unavailable("no answer yet");
  }
  security::PeerIdentity PeerOf(const std::string& chain) {
    return security::CheckPeer(chain, authority_.cert_pem(), clock_.Now()).value();
  }
  std::uint32_t UsesOf(const v1::CreateTokenResponse& token) {
    return ledger_.state().FindToken(token.token().id())->token.uses();
  }

  FakeExecutor clock_;
  SeededRandom random_{7};
  FakeEnrolmentLedger ledger_;
  security::CertificateAuthority authority_ =
      security::CertificateAuthority::Create("test", clock_.Now(), security::kAuthorityLife)
          .value();
  TokenDesk tokens_{authority_.Fingerprint(), ledger_, clock_, random_};
  Enrolment enrolment_{EnrolmentOptions{}, authority_, tokens_, ledger_, clock_};
  security::EcKey key_ = security::EcKey::Generate().value();
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_UNIT_CONTROLLER_ENROLMENT_ENROLMENT_FIXTURE_H_

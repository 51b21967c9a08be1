#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_ENROLMENT_CLIENT_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_ENROLMENT_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "agent/enrol/enrolment.h"
#include "security/x509/authority.h"

namespace flotilla::agent {

// A controller that gives certificates to whoever asks, or refuses. Thread-safe after setting up.
class FakeEnrolmentClient final : public EnrolmentClient {
 public:
  explicit FakeEnrolmentClient(Duration life) : life_(life) {}

  StatusOr<v1::EnrollResponse> Enroll(const v1::EnrollRequest& request,
                                      const std::string& /*ca_pem*/) override {
    FLOTILLA_RETURN_IF_ERROR(refusal);
    v1::EnrollResponse response;
    FLOTILLA_ASSIGN_OR_RETURN(const std::string chain, Issue(request.csr_der()));
    response.set_device_id("pump-1");
    response.set_certificate_chain_pem(chain);
    response.set_ca_bundle_pem(bundle);
    return response;
  }
  StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request,
                                    const std::string& /*ca_pem*/) override {
    ++renewals;
    FLOTILLA_RETURN_IF_ERROR(refusal);
    v1::RenewResponse response;
    FLOTILLA_ASSIGN_OR_RETURN(const std::string chain, Issue(request.csr_der()));
    response.set_certificate_chain_pem(chain);
    response.set_ca_bundle_pem(bundle);
    return response;
  }
  void Cancel() override {}

  StatusOr<std::string> Issue(const std::string& csr) const {
    FLOTILLA_ASSIGN_OR_RETURN(const auto issued,
                              authority.IssueDevice(AsBytes(csr), DeviceId::Parse("pump-1").value(),
                                                    absl::FromUnixSeconds(issue_at), life_));
    return issued.chain_pem;
  }

  Status refusal;
  std::string bundle;
  std::atomic<int> renewals = 0;
  // Seconds since 1970, by the controller's clock.
  std::atomic<std::int64_t> issue_at = 0;
  const security::CertificateAuthority authority =
      security::CertificateAuthority::Create("test", absl::FromUnixSeconds(1'700'000'000),
                                             security::kAuthorityLife)
          .value();

 private:
  const Duration life_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_ENROLMENT_CLIENT_H_

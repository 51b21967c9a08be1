// The enrolment listener over real TLS: what it answers, and the typed reason that travels along.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "flotilla/v1/enrolment.grpc.pb.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "base/asio_executor.h"
#include "base/bytes.h"
#include "base/reason_trailer.h"
#include "controller/enrolment/enrolment.h"
#include "controller/enrolment/token_desk.h"
#include "controller/rpc/enrolment_service.h"
#include "controller/rpc/grpc_listener.h"
#include "controller/rpc/grpc_status.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "tests/support/fake_enrolment_ledger.h"
#include "tests/support/fake_executor.h"
#include "tests/support/seeded_random.h"

namespace flotilla::controller {
namespace {

constexpr auto kLimit = std::chrono::seconds(60);

class EnrolmentListener : public testing::Test {
 protected:
  void SetUp() override {
    // gRPC judges the server's certificate by the machine's own clock.
    clock_.SetWallClock(absl::Now());
    authority_.emplace(
        security::CertificateAuthority::Create("test", clock_.Now(), security::kAuthorityLife)
            .value());
    tokens_.emplace(authority_->Fingerprint(), ledger_, clock_, random_);
    enrolment_.emplace(EnrolmentOptions{}, *authority_, *tokens_, ledger_, clock_);
    service_.emplace(*enrolment_, loop_);
    const security::EcKey key = security::EcKey::Generate().value();
    GrpcListenerOptions options;
    options.address = "127.0.0.1:0";
    options.certificate_chain_pem =
        authority_
            ->IssueServer(key.MakeCsrDer().value(), {"localhost", "127.0.0.1"}, clock_.Now(),
                          security::kServerLife)
            .value()
            .chain_pem;
    options.private_key_pem = key.ToPem().value();
    options.client_proof = ClientProof::kNone;
    listener_ = GrpcListener::Start(options, {&*service_}).value();
    thread_ = std::thread([this] { loop_.Run(); });
    grpc::SslCredentialsOptions trust;
    trust.pem_root_certs = authority_->cert_pem();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(listener_->port()),
                                   grpc::SslCredentials(trust));
  }
  void TearDown() override {
    channel_.reset();
    listener_->Stop(absl::ZeroDuration());
    loop_.Stop();
    thread_.join();
  }

  std::string NewToken() {
    std::string text;
    tokens_->Create({}, "operator:alice", [&](const StatusOr<v1::CreateTokenResponse>& answer) {
      text = answer.value().text();
    });
    return text;
  }
  grpc::Status Enroll(const std::string& token, v1::EnrollResponse& response) {
    v1::EnrollRequest request;
    request.set_token(token);
    request.set_csr_der(ToText(device_key_.MakeCsrDer().value()));
    request.set_device_id("pump-01");
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kLimit);
    grpc::Status status =
        v1::EnrolmentService::NewStub(channel_)->Enroll(&context, request, &response);
    const auto found = context.GetServerTrailingMetadata().find(kReasonTrailer);
    reason_ = found == context.GetServerTrailingMetadata().end()
                  ? ""
                  : std::string(found->second.data(), found->second.size());
    return status;
  }

  FakeExecutor clock_;
  SeededRandom random_{3};
  FakeEnrolmentLedger ledger_;
  AsioExecutor loop_;
  std::optional<security::CertificateAuthority> authority_;
  std::optional<TokenDesk> tokens_;
  std::optional<Enrolment> enrolment_;
  std::optional<EnrolmentService> service_;
  std::unique_ptr<GrpcListener> listener_;
  std::thread thread_;
  std::shared_ptr<grpc::Channel> channel_;
  security::EcKey device_key_ = security::EcKey::Generate().value();
  std::string reason_;
};

TEST_F(EnrolmentListener, EnrolsADeviceWithoutACertificate) {
  v1::EnrollResponse response;
  const grpc::Status status = Enroll(NewToken(), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const auto peer =
      security::CheckPeer(response.certificate_chain_pem(), authority_->cert_pem(), clock_.Now());
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->name, "pump-01");
}

TEST_F(EnrolmentListener, TellsTheTypedReasonOfARefusal) {
  v1::EnrollResponse response;
  const grpc::Status status = Enroll("flt1.nope", response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(reason_, std::to_string(v1::FAILURE_REASON_CONTROL_TOKEN_UNKNOWN));
}

TEST_F(EnrolmentListener, AnswersNoOtherService) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kLimit);
  v1::ListTokensResponse response;
  const grpc::Status status =
      v1::EnrolmentAdminService::NewStub(channel_)->ListTokens(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace flotilla::controller

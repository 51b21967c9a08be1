// Who gets an answer on which listener.

#include <filesystem>
#include <memory>
#include <string>

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include "flotilla/v1/enrolment.grpc.pb.h"
#include "flotilla/v1/rollout.grpc.pb.h"
#include "flotilla/v1/session.grpc.pb.h"
#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/http.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

// Files of one who knocks; empty paths: without a certificate.
struct Visitor {
  fs::path certificate;
  fs::path key;
};

class Listeners : public FleetTest {
 protected:
  fs::path Ca() const { return site_.state_dir() / "operator/ca.crt"; }
  Visitor Operator() const {
    return {site_.state_dir() / "operator/operator.crt",
            site_.state_dir() / "operator/operator.key"};
  }
  static Visitor DeviceVisitor(const Device& device) {
    return {device.state_dir() / "identity/device.pem", device.state_dir() / "identity/device.pem"};
  }

  std::shared_ptr<grpc::Channel> Knock(const std::string& listener, const Visitor& visitor) const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = FileText(Ca());
    if (!visitor.key.empty()) {
      options.pem_cert_chain = FileText(visitor.certificate);
      options.pem_private_key = FileText(visitor.key);
    }
    return grpc::CreateChannel(site_.Listener(listener), grpc::SslCredentials(options));
  }

  static std::unique_ptr<grpc::ClientContext> Context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    return context;
  }
  // How ListRollouts ends there.
  grpc::StatusCode ListRollouts(const std::string& listener, const Visitor& visitor) const {
    v1::ListRolloutsResponse response;
    return v1::RolloutService::NewStub(Knock(listener, visitor))
        ->ListRollouts(Context().get(), {}, &response)
        .error_code();
  }
  // How a session ends there that says Hello as `device`.
  grpc::StatusCode Session(const std::string& listener, const Visitor& visitor,
                           const std::string& device) const {
    const auto stub = v1::DeviceService::NewStub(Knock(listener, visitor));
    const auto context = Context();
    const auto stream = stub->Session(context.get());
    v1::SessionRequest request;
    request.mutable_hello()->set_device_id(device);
    request.mutable_hello()->set_machine_fingerprint(std::string(32, 'f'));
    stream->Write(request);
    v1::SessionResponse response;
    const bool welcomed = stream->Read(&response) && response.has_welcome();
    if (welcomed) {
      context->TryCancel();
    }
    const grpc::Status status = stream->Finish();
    return welcomed ? grpc::StatusCode::OK : status.error_code();
  }
  // The agent's log names this reason.
  static bool RefusedFor(const Device& device, v1::FailureReason reason) {
    return device.Log().find(R"("reason":")" + std::to_string(reason) + "\"") != std::string::npos;
  }
  HttpResult GetMetadata(const Visitor& visitor) const {
    HttpOptions options;
    options.ca = Ca();
    options.certificate = visitor.certificate;
    options.key = visitor.key;
    return HttpCall("https://" + site_.Listener("artifact") + "/metadata/timestamp.json", options);
  }
};

TEST_F(Listeners, AnswerNobodyWithoutACertificate) {
  EXPECT_EQ(ListRollouts("operator", {}), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Session("device", {}, "x"), grpc::StatusCode::UNAVAILABLE);
  EXPECT_NE(GetMetadata({}).status, 200);
  EXPECT_EQ(ListRollouts("operator", Operator()), grpc::StatusCode::OK);
}

TEST_F(Listeners, AnswerNobodyFromAnotherCa) {
  Site other;
  Must(other.Start());
  const Visitor stranger{other.state_dir() / "operator/operator.crt",
                         other.state_dir() / "operator/operator.key"};
  EXPECT_EQ(ListRollouts("operator", stranger), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Session("device", stranger, "x"), grpc::StatusCode::UNAVAILABLE);
  EXPECT_NE(GetMetadata(stranger).status, 200);
}

TEST_F(Listeners, LetADeviceDoNothingOfAnOperator) {
  Device* const device = Enrolled("one");
  ASSERT_NE(device, nullptr);
  EXPECT_EQ(ListRollouts("operator", DeviceVisitor(*device)), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(Eventually([&] { return GetMetadata(DeviceVisitor(*device)).status == 200; }));
}

TEST_F(Listeners, ShutARevokedDeviceOutAtOnce) {
  Device* const device = Enrolled("one");
  ASSERT_NE(device, nullptr);
  ASSERT_TRUE(Eventually([&] { return GetMetadata(DeviceVisitor(*device)).status == 200; }));
  Must(site_.Run({"device", "revoke", "one", "--comment", "stolen", "--yes"}));
  device->Stop();
  EXPECT_NE(Session("device", DeviceVisitor(*device), "one"), grpc::StatusCode::OK);
  EXPECT_NE(GetMetadata(DeviceVisitor(*device)).status, 200);
}

TEST_F(Listeners, AnswerOnlyEnrolmentWhereDevicesEnrol) {
  EXPECT_EQ(ListRollouts("enrolment", Operator()), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(Session("enrolment", Operator(), "x"), grpc::StatusCode::UNIMPLEMENTED);
  v1::EnrollResponse response;
  v1::EnrollRequest request;
  request.set_token("flt1.none.none.none");
  const grpc::Status status = v1::EnrolmentService::NewStub(Knock("enrolment", {}))
                                  ->Enroll(Context().get(), request, &response);
  EXPECT_NE(status.error_code(), grpc::StatusCode::OK);
  EXPECT_NE(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_NE(status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Listeners, TakeATokenAsOftenAsItSays) {
  const auto token = site_.CreateToken({"--uses", "2"});
  ASSERT_TRUE(token.ok()) << token.status();
  for (const char* name : {"one", "two"}) {
    const auto device = site_.AddDevice(name);
    ASSERT_TRUE(device.ok());
    site_.WriteAgentConfig(**device, *token);
    Must((*device)->Start());
    EXPECT_TRUE(Eventually([&] { return site_.Run({"device", "get", name}).ok(); })) << name;
  }
  const auto third = site_.AddDevice("three");
  ASSERT_TRUE(third.ok());
  site_.WriteAgentConfig(**third, *token);
  Must((*third)->Start());
  EXPECT_TRUE(Eventually([&] {
    return RefusedFor(**third, v1::FAILURE_REASON_CONTROL_TOKEN_USED_UP);
  })) << (*third)->Log();
  EXPECT_EQ(site_.Fleetctl({"device", "get", "three"}).exit_code, 3);
}

TEST_F(Listeners, TakeNoTokenThatExpired) {
  const auto token = site_.CreateToken({"--valid-for", "1s"});
  ASSERT_TRUE(token.ok()) << token.status();
  const auto late = site_.AddDevice("late");
  ASSERT_TRUE(late.ok());
  site_.WriteAgentConfig(**late, *token);
  // The life of a token has whole seconds.
  const auto made = std::chrono::steady_clock::now();
  ASSERT_TRUE(Eventually(
      [&] { return std::chrono::steady_clock::now() - made > std::chrono::milliseconds(2100); }));
  Must((*late)->Start());
  EXPECT_TRUE(Eventually([&] {
    return RefusedFor(**late, v1::FAILURE_REASON_CONTROL_TOKEN_EXPIRED);
  })) << (*late)->Log();
  EXPECT_EQ(site_.Fleetctl({"device", "get", "late"}).exit_code, 3);
}

}  // namespace
}  // namespace flotilla::e2e

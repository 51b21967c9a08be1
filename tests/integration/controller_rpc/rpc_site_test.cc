// The gRPC listeners over real TLS: who gets in, and a session from Hello to acknowledgement.

#include "controller/rpc/rpc_site.h"

#include <future>
#include <string>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "base/retry_after.h"
#include "flotilla/v1/device.grpc.pb.h"
#include "flotilla/v1/rollout.grpc.pb.h"
#include "tests/integration/controller_rpc/rpc_site_world.h"

namespace flotilla::controller {
namespace {

using security::CertificateAuthority;

constexpr RpcKind kDevice = RpcKind::kDevice;
constexpr RpcKind kOperator = RpcKind::kOperator;

class RpcSiteTest : public RpcSiteWorld {
 protected:
  explicit RpcSiteTest(const AdmissionOptions& admission = ForMachine({}, 2, 4'000'000'000))
      : RpcSiteWorld(admission) {}

  grpc::Status List(const RpcIdentity& identity) const {
    const auto stub = v1::RolloutService::NewStub(Dial(site_->operator_port(), identity));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ListRolloutsResponse response;
    return stub->ListRollouts(&context, {}, &response);
  }

  // Says Hello; what comes back first, or the stream's status.
  grpc::Status Hello(const RpcIdentity& identity, v1::SessionResponse& first) const {
    const auto stub = v1::DeviceService::NewStub(Dial(site_->device_port(), identity));
    grpc::ClientContext context;
    SetDeadline(context);
    const auto stream = stub->Session(&context);
    stream->Write(HelloMessage());
    if (stream->Read(&first)) {
      context.TryCancel();
      stream->Finish();
      return grpc::Status::OK;
    }
    return stream->Finish();
  }

  const CertificateAuthority stranger_ =
      CertificateAuthority::Create("fleet", OsClock().Now(), absl::Hours(2)).value();
  const RpcIdentity operator_ = IssueIdentity(authority_, kOperator, "alice");
};

TEST_F(RpcSiteTest, AnOperatorIsServedOnTheOperatorListener) {
  const grpc::Status status = List(operator_);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(RpcSiteTest, ARequestThatANewerProgramMakesIsRefusedWhereThisOneWouldLeaveAPartOfItOut) {
  const auto stub = v1::RolloutService::NewStub(Dial(site_->operator_port(), operator_));
  const auto create = [&stub](const v1::CreateRolloutRequest& request) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::CreateRolloutResponse response;
    return stub->CreateRollout(&context, request, &response);
  };
  v1::CreateRolloutRequest request;
  v1::RolloutSpec& spec = *request.mutable_spec();
  spec.GetReflection()->MutableUnknownFields(&spec)->AddVarint(9999, 1);
  const grpc::Status field = create(request);
  EXPECT_EQ(field.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(field.error_message().find("field 9999 of flotilla.v1.RolloutSpec"), std::string::npos)
      << field.error_message();
  spec.Clear();
  spec.set_on_overlap(static_cast<v1::OnOverlap>(77));
  EXPECT_NE(create(request).error_message().find("value 77 of"), std::string::npos);
  spec.Clear();
  EXPECT_EQ(create(request).error_message().find("does not know"), std::string::npos);
}

TEST_F(RpcSiteTest, WithoutACertificateNothingAnswers) {
  EXPECT_EQ(List({}).error_code(), grpc::StatusCode::UNAVAILABLE);
  v1::SessionResponse first;
  EXPECT_EQ(Hello({}, first).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(RpcSiteTest, ACertificateOfAnotherAuthorityGetsNothing) {
  EXPECT_EQ(List(IssueIdentity(stranger_, kOperator, "alice")).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  v1::SessionResponse first;
  EXPECT_EQ(Hello(IssueIdentity(stranger_, kDevice, "d1"), first).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(RpcSiteTest, ADeviceIsNoOperatorAndAnOperatorNoDevice) {
  EXPECT_EQ(List(device_).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  v1::SessionResponse first;
  EXPECT_EQ(Hello(operator_, first).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(RpcSiteTest, EachListenerServesItsOwnServicesAlone) {
  const auto stub = v1::RolloutService::NewStub(Dial(site_->device_port(), operator_));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ListRolloutsResponse response;
  EXPECT_EQ(stub->ListRollouts(&context, {}, &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(RpcSiteTest, ASessionIsWelcomedAndItsReportAcknowledged) {
  const auto stub = v1::DeviceService::NewStub(Dial(site_->device_port(), device_));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Session(&context);
  ASSERT_TRUE(stream->Write(HelloMessage()));
  v1::SessionResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_TRUE(answer.has_welcome());
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_TRUE(answer.has_desired_state());
  v1::SessionRequest report;
  report.mutable_report()->set_boot_epoch(7);
  report.mutable_report()->set_seq(1);
  report.mutable_report()->mutable_release()->set_line("pump");
  ASSERT_TRUE(stream->Write(report));
  ASSERT_TRUE(stream->Read(&answer));
  ASSERT_TRUE(answer.has_ack());
  EXPECT_EQ(answer.ack().durable_seq(), 1U);
  EXPECT_EQ(store_.LastReportSeq("d1", 7).value_or(0), 1U);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(RpcSiteTest, RevocationEndsTheOpenSessionAndRefusesTheNext) {
  const auto stub = v1::DeviceService::NewStub(Dial(site_->device_port(), device_));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Session(&context);
  ASSERT_TRUE(stream->Write(HelloMessage()));
  v1::SessionResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  ASSERT_TRUE(stream->Read(&answer));

  const auto admin = v1::DeviceAdminService::NewStub(Dial(site_->operator_port(), operator_));
  grpc::ClientContext call;
  SetDeadline(call);
  v1::RevokeDeviceRequest request;
  request.set_device_id("d1");
  v1::RevokeDeviceResponse response;
  const grpc::Status revoked = admin->RevokeDevice(&call, request, &response);
  EXPECT_TRUE(revoked.ok()) << revoked.error_message();
  EXPECT_TRUE(response.device().revoked());
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);

  v1::SessionResponse first;
  EXPECT_EQ(Hello(device_, first).error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(RpcSiteTest, AControllerThatGoesDownAsksNewSessionsToWait) {
  std::promise<void> closed;
  fleet_->Post([&] { fleet_->Drain(absl::ZeroDuration(), [&] { closed.set_value(); }); });
  closed.get_future().wait();
  const auto stub = v1::DeviceService::NewStub(Dial(site_->device_port(), device_));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Session(&context);
  stream->Write(HelloMessage());
  v1::SessionResponse answer;
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto wait = trailers.find(kRetryAfterTrailer);
  ASSERT_NE(wait, trailers.end());
  EXPECT_EQ(std::string(wait->second.data(), wait->second.size()), "2000");
}

// A controller whose memory holds one session.
class FullRpcSiteTest : public RpcSiteTest {
 protected:
  FullRpcSiteTest() : RpcSiteTest(OneSession()) {}
  static AdmissionOptions OneSession() {
    AdmissionOptions options = ForMachine({}, 2, 4'000'000'000);
    options.max_sessions = 1;
    return options;
  }
};

TEST_F(FullRpcSiteTest, ClosesConnectionsOverTheCapBeforeTls) {
  const auto stub = v1::DeviceService::NewStub(Dial(site_->device_port(), device_));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Session(&context);
  ASSERT_TRUE(stream->Write(HelloMessage()));
  v1::SessionResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  ASSERT_TRUE(stream->Read(&answer));
  v1::SessionResponse first;
  EXPECT_EQ(Hello(IssueIdentity(authority_, kDevice, "d1"), first).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(RpcSiteTest, AnUnknownRolloutIsNotFoundOnAWatchToo) {
  const auto stub = v1::RolloutService::NewStub(Dial(site_->operator_port(), operator_));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::WatchRolloutRequest request;
  request.set_rollout_id("none");
  const auto reader = stub->WatchRollout(&context, request);
  v1::WatchRolloutResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace flotilla::controller

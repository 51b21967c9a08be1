// The gRPC listeners over real TLS: who gets in, and a session from Hello to acknowledgement.

#include "controller/rpc/rpc_site.h"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "base/asio_executor.h"
#include "base/os_clock.h"
#include "controller/fleet/fleet.h"
#include "controller/storage/persister.h"
#include "flotilla/v1/device.grpc.pb.h"
#include "flotilla/v1/enrolment.grpc.pb.h"
#include "flotilla/v1/rollout.grpc.pb.h"
#include "flotilla/v1/session.grpc.pb.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {
namespace {

using security::CertificateAuthority;
using security::EcKey;

struct Identity {
  std::string chain;
  std::string key;
  std::string serial;
};

enum class Kind { kDevice, kOperator, kServer };

Identity Issue(const CertificateAuthority& authority, Kind kind, const std::string& name) {
  const EcKey key = EcKey::Generate().value();
  const Bytes csr = key.MakeCsrDer().value();
  const Time now = OsClock().Now();
  const Duration life = absl::Hours(1);
  const auto issued =
      kind == Kind::kDevice ? authority.IssueDevice(csr, DeviceId::Parse(name).value(), now, life)
      : kind == Kind::kOperator
          ? authority.IssueOperator(csr, name, security::OperatorRole::kAdmin, now, life)
          : authority.IssueServer(csr, {name}, now, life);
  EXPECT_TRUE(issued.ok()) << issued.status();
  return {issued->chain_pem, key.ToPem().value(), issued->serial_hex};
}

CertificateAuthority NewAuthority() {
  return CertificateAuthority::Create("fleet", OsClock().Now(), absl::Hours(2)).value();
}

// A fleet with one device "d1", served on free ports of the loopback.
class RpcSiteTest : public testing::Test {
 protected:
  explicit RpcSiteTest(const AdmissionOptions& admission = ForMachine({}, 2, 4'000'000'000))
      : authority_(NewAuthority()),
        stranger_(NewAuthority()),
        device_(Issue(authority_, Kind::kDevice, "d1")),
        operator_(Issue(authority_, Kind::kOperator, "alice")),
        thread_([this] { loop_.Run(); }),
        persister_(std::make_unique<Persister>(store_, loop_, PersisterOptions())) {
    fleet_ = std::make_unique<Fleet>(FleetOptions(), FleetSnapshot(), *persister_, loop_, clock_,
                                     [](const Status&) {});
    FleetChange change;
    StoredDevice& stored = change.devices.emplace_back();
    stored.record.set_id("d1");
    stored.record.set_certificate_serial(device_.serial);
    std::promise<void> enrolled;
    fleet_->Post(
        [&] { fleet_->Apply(std::move(change), [&](const Status&) { enrolled.set_value(); }); });
    enrolled.get_future().wait();
    const Identity server = Issue(authority_, Kind::kServer, "localhost");
    RpcSiteOptions options;
    options.enrolment_listen = options.device_listen = options.operator_listen = "127.0.0.1:0";
    options.certificate_chain_pem = server.chain;
    options.private_key_pem = server.key;
    options.ca_pem = authority_.cert_pem();
    options.admission = admission;
    RpcSiteServices services;
    services.enrolment = [] {
      return std::vector<std::shared_ptr<grpc::Service>>{
          std::make_shared<v1::EnrolmentService::CallbackService>()};
    };
    services.operators = [](const OperatorCalls&) {
      return std::vector<std::shared_ptr<grpc::Service>>();
    };
    auto site = RpcSite::Start(options, *fleet_, clock_, services);
    EXPECT_TRUE(site.ok()) << site.status();
    site_ = *std::move(site);
  }

  void TearDown() override {
    site_->Stop(absl::ZeroDuration());
    loop_.Stop();
    thread_.join();
  }

  std::shared_ptr<grpc::Channel> Dial(std::uint16_t port, const Identity& identity) const {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = authority_.cert_pem();
    tls.pem_cert_chain = identity.chain;
    tls.pem_private_key = identity.key;
    return grpc::CreateChannel("localhost:" + std::to_string(port), grpc::SslCredentials(tls));
  }

  static void SetDeadline(grpc::ClientContext& context) {
    context.set_deadline(gpr_time_from_seconds(20, GPR_TIMESPAN));
  }

  grpc::Status List(const Identity& identity) const {
    const auto stub = v1::RolloutService::NewStub(Dial(site_->operator_port(), identity));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ListRolloutsResponse response;
    return stub->ListRollouts(&context, {}, &response);
  }

  // Says Hello; what comes back first, or the stream's status.
  grpc::Status Hello(const Identity& identity, v1::SessionResponse& first) const {
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

  static v1::SessionRequest HelloMessage() {
    v1::SessionRequest message;
    message.mutable_hello()->set_device_id("d1");
    message.mutable_hello()->set_machine_fingerprint(std::string(32, 'm'));
    message.mutable_hello()->set_boot_epoch(7);
    return message;
  }

  OsClock clock_;
  MemoryFleetStore store_;
  AsioExecutor loop_;
  const CertificateAuthority authority_;
  const CertificateAuthority stranger_;
  const Identity device_;
  const Identity operator_;
  std::thread thread_;
  std::unique_ptr<Persister> persister_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<RpcSite> site_;
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
  EXPECT_EQ(List(Issue(stranger_, Kind::kOperator, "alice")).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  v1::SessionResponse first;
  EXPECT_EQ(Hello(Issue(stranger_, Kind::kDevice, "d1"), first).error_code(),
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
  EXPECT_EQ(Hello(Issue(authority_, Kind::kDevice, "d1"), first).error_code(),
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

// A replica that does not lead, between real devices' streams and leaders that come and go.

#include "controller/rpc/front_site.h"

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/loop_thread.h"
#include "base/os_clock.h"
#include "base/os_random.h"
#include "controller/fleet/fleet.h"
#include "controller/rpc/peer_gate.h"
#include "controller/rpc/rpc_site.h"
#include "controller/storage/persister.h"
#include "flotilla/v1/metrics.grpc.pb.h"
#include "flotilla/v1/rollout.grpc.pb.h"
#include "flotilla/v1/session.grpc.pb.h"
#include "security/x509/authority.h"
#include "security/x509/peer.h"
#include "tests/integration/controller_rpc/loopback_site.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {
namespace {

using security::CertificateAuthority;

AdmissionOptions Room() {
  return ForMachine({}, 2, 4'000'000'000);
}

// A controller with the fleet of `store`, which takes sessions from replicas.
class LeadingController {
 public:
  LeadingController(FleetStore& store, const CertificateAuthority& authority) {
    persister_ = std::make_unique<Persister>(store, loop_.executor(), PersisterOptions());
    fleet_ = std::make_unique<Fleet>(FleetOptions(), store.Load().value(), *persister_,
                                     loop_.executor(), clock_, [](const Status&) {});
    RpcSiteOptions options = LoopbackSite(authority);
    options.sessions_from = SessionsFrom::kReplicas;
    auto site = RpcSite::Start(options, *fleet_, clock_, LeastServices());
    EXPECT_TRUE(site.ok()) << site.status();
    site_ = *std::move(site);
  }
  ~LeadingController() {
    site_->Stop(absl::ZeroDuration());
    loop_.Stop();
  }
  LeadingController(const LeadingController&) = delete;
  LeadingController& operator=(const LeadingController&) = delete;

  RpcSite& site() { return *site_; }
  std::string address() const { return absl::StrCat("127.0.0.1:", site_->device_port()); }
  Status Apply(FleetChange change) {
    std::promise<Status> done;
    fleet_->Post([&] {
      fleet_->Apply(std::move(change), [&](const Status& status) { done.set_value(status); });
    });
    return done.get_future().get();
  }

 private:
  OsClock clock_;
  LoopThread loop_;
  std::unique_ptr<Persister> persister_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<RpcSite> site_;
};

class FrontSiteTest : public ::testing::Test {
 protected:
  FrontSiteTest() {
    FleetChange change;
    for (const char* id : {"d1", "d2"}) {
      change.devices.emplace_back().record.set_id(id);
    }
    change.devices.front().record.set_certificate_serial(device_.serial);
    EXPECT_EQ(store_.Commit(change), OkStatus());
    FrontSiteOptions options;
    options.device_listen = "127.0.0.1:0";
    options.certificate_chain_pem = server_.chain;
    options.private_key_pem = server_.key;
    options.admission = Room();
    options.replica = {authority_.cert_pem(), replica_.chain, replica_.key, "localhost"};
    auto front = FrontSite::Start(options, loop_.executor(), clock_, random_, revocations_);
    EXPECT_TRUE(front.ok()) << front.status();
    front_ = *std::move(front);
    front_->SetUrls({"https://here/metadata/", "https://here/targets/"});
  }
  void TearDown() override {
    front_->Stop(absl::ZeroDuration(), absl::ZeroDuration());
    loop_.Stop();
  }

  std::unique_ptr<LeadingController> NewLeader() {
    return std::make_unique<LeadingController>(store_, authority_);
  }
  std::shared_ptr<grpc::Channel> Dial(std::uint16_t port, const RpcIdentity& identity) const {
    return DialAs(identity, authority_, port);
  }
  std::string Der(const RpcIdentity& identity) const {
    return ToText(security::CertificatePemToDer(identity.chain).value());
  }

  const CertificateAuthority authority_ =
      CertificateAuthority::Create("fleet", OsClock().Now(), absl::Hours(2)).value();
  const RpcIdentity device_ = IssueIdentity(authority_, RpcKind::kDevice, "d1");
  const RpcIdentity operator_ = IssueIdentity(authority_, RpcKind::kOperator, "ann");
  const RpcIdentity server_ = IssueIdentity(authority_, RpcKind::kServer, "localhost");
  const RpcIdentity replica_ = IssueIdentity(authority_, RpcKind::kReplica, "r1");
  OsClock clock_;
  OsRandom random_;
  MemoryFleetStore store_;
  RevocationSet revocations_;
  LoopThread loop_;
  std::unique_ptr<FrontSite> front_;
};

// A device's stream, as an agent opens it.
class Stream {
 public:
  explicit Stream(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::DeviceService::NewStub(channel)) {
    context_.set_deadline(gpr_time_from_seconds(60, GPR_TIMESPAN));
  }
  void Forward(const std::string& der) { context_.AddMetadata(kForwardedDevice, der); }
  void SayHello(const std::string& id) {
    stream_ = stub_->Session(&context_);
    v1::SessionRequest message;
    message.mutable_hello()->set_device_id(id);
    message.mutable_hello()->set_machine_fingerprint(std::string(32, 'm'));
    message.mutable_hello()->set_boot_epoch(7);
    stream_->Write(message);
  }
  void Report(std::uint64_t seq) {
    v1::SessionRequest message;
    message.mutable_report()->set_boot_epoch(7);
    message.mutable_report()->set_seq(seq);
    message.mutable_report()->mutable_release()->set_line("plant");
    stream_->Write(message);
  }
  // Reads until something of this kind comes; false: the stream ended.
  bool Await(v1::SessionResponse::MessageCase kind) {
    while (stream_->Read(&read)) {
      if (read.message_case() == kind) {
        return true;
      }
    }
    return false;
  }
  bool AwaitAck(std::uint64_t seq) {
    while (Await(v1::SessionResponse::kAck)) {
      if (read.ack().durable_seq() >= seq) {
        return true;
      }
    }
    return false;
  }
  grpc::Status End() {
    v1::SessionResponse rest;
    while (stream_->Read(&rest)) {
    }
    return stream_->Finish();
  }
  void Leave() {
    context_.TryCancel();
    End();
  }

  v1::SessionResponse read;

 private:
  const std::unique_ptr<v1::DeviceService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>> stream_;
};

TEST_F(FrontSiteTest, CarriesASessionToTheLeaderAndItsAnswersBack) {
  const auto leader = NewLeader();
  front_->Point(leader->address());
  Stream stream(Dial(front_->device_port(), device_));
  stream.SayHello("d1");
  ASSERT_TRUE(stream.Await(v1::SessionResponse::kWelcome));
  EXPECT_EQ(stream.read.welcome().metadata_url(), "https://here/metadata/");
  stream.Report(1);
  EXPECT_TRUE(stream.AwaitAck(1));
  EXPECT_EQ(store_.LastReportSeq("d1", 7).value(), 1U);
  stream.Leave();
}

TEST_F(FrontSiteTest, KeepsTheStreamWhileTheLeaderChangesAndLosesNoReport) {
  auto leader = NewLeader();
  front_->Point(leader->address());
  Stream stream(Dial(front_->device_port(), device_));
  stream.SayHello("d1");
  ASSERT_TRUE(stream.Await(v1::SessionResponse::kWelcome));
  stream.Report(1);
  ASSERT_TRUE(stream.AwaitAck(1));
  leader.reset();
  front_->Point("");
  stream.Report(2);
  stream.Report(3);
  leader = NewLeader();
  front_->Point(leader->address());
  ASSERT_TRUE(stream.AwaitAck(3));
  EXPECT_EQ(store_.RecentReports("d1", 10).value().size(), 3U);
  stream.Leave();
}

TEST_F(FrontSiteTest, OpensASessionThatCameBeforeAnybodyLed) {
  Stream stream(Dial(front_->device_port(), device_));
  stream.SayHello("d1");
  const auto leader = NewLeader();
  front_->Point(leader->address());
  EXPECT_TRUE(stream.Await(v1::SessionResponse::kWelcome));
  stream.Leave();
}

TEST_F(FrontSiteTest, TellsTheDeviceWhatTheLeaderSaysOfIt) {
  const auto leader = NewLeader();
  FleetChange change;
  change.revocations.push_back({device_.serial, "device:d1", OsClock().Now()});
  ASSERT_EQ(leader->Apply(std::move(change)), OkStatus());
  front_->Point(leader->address());
  Stream stream(Dial(front_->device_port(), device_));
  stream.SayHello("d1");
  EXPECT_EQ(stream.End().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(FrontSiteTest, LetsNobodyInWhoIsNoDevice) {
  Stream stream(Dial(front_->device_port(), operator_));
  stream.SayHello("d1");
  EXPECT_EQ(stream.End().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(FrontSiteTest, ADeviceSpeaksForItselfAloneWhateverItBrings) {
  const auto leader = NewLeader();
  const RpcIdentity other = IssueIdentity(authority_, RpcKind::kDevice, "d2");
  Stream stream(Dial(leader->site().device_port(), other));
  stream.Forward(Der(device_));
  stream.SayHello("d1");
  EXPECT_EQ(stream.End().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(FrontSiteTest, AReplicaSpeaksForDevicesAloneAndForNobodyWithoutACertificate) {
  const auto leader = NewLeader();
  const auto stub = v1::RolloutService::NewStub(Dial(leader->site().operator_port(), replica_));
  for (const std::string& der : {Der(operator_), Der(device_), Der(replica_), std::string("x")}) {
    grpc::ClientContext context;
    context.AddMetadata(kForwardedDevice, der);
    v1::ListRolloutsResponse response;
    EXPECT_FALSE(stub->ListRollouts(&context, {}, &response).ok());
  }
  Stream stream(Dial(leader->site().device_port(), replica_));
  stream.SayHello("d1");
  EXPECT_EQ(stream.End().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(FrontSiteTest, SaysThatNobodyLeadsToCallsThatCannotWait) {
  const auto stub = v1::MetricsService::NewStub(Dial(front_->device_port(), device_));
  grpc::ClientContext context;
  v1::UploadResponse response;
  EXPECT_EQ(stub->Upload(&context, {}, &response).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace flotilla::controller

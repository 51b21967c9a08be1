// The helper's listener over real mutual TLS: who gets in, and which tasks.

#include "telemetry/aggregator/app/aggregator_server.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "telemetry/aggregator/setup.h"
#include "telemetry/schema/registry.h"
#include "tests/integration/aggregator/leader_side.h"
#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {
namespace {

using security::CertificateAuthority;

// A certificate for an operator of this name, or for a device.
ClientCredential Issue(const CertificateAuthority& authority, const std::string& trusted_pem,
                       const std::string& operator_name) {
  const security::EcKey key = *security::EcKey::Generate();
  const Bytes csr = *key.MakeCsrDer();
  const Time now = OsClock().Now();
  const auto issued =
      operator_name.empty()
          ? authority.IssueDevice(csr, *DeviceId::Parse("leader"), now, absl::Hours(1))
          : authority.IssueOperator(csr, operator_name, security::OperatorRole::kAdmin, now,
                                    absl::Hours(1));
  return {.ca_pem = trusted_pem, .chain_pem = issued->chain_pem, .key_pem = *key.ToPem()};
}

class LeaderListenerTest : public testing::Test {
 protected:
  LeaderListenerTest() : reporters_(120) {
    options_.layout.state_dir = folder_.path() / "state";
    options_.listen_host = "127.0.0.1";
    options_.host_names = {"localhost"};
    options_.devices_file = folder_.path() / "devices";
    options_.minimum_batch = 100;
    options_.demonstrations = Demonstrations::kAllowed;
    options_.sealing_key_life = absl::Hours(24);
    EXPECT_TRUE(telemetry::SetUp(options_, fs_, random_, clock_.Now()).ok());
    EXPECT_TRUE(DurableWrite(fs_, options_.devices_file, AsBytes(reporters_.Lines())).ok());
    EXPECT_TRUE(IssueLeader(options_.layout, folder_.path() / "out", fs_, clock_.Now()).ok());
    leader_ = ReadCredential(folder_.path() / "out");
    auto server = AggregatorServer::Start(options_, World());
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  AggregatorServer::World World() {
    return {fs_, clock_, random_, [] {}};
  }
  std::string Address() const { return "localhost:" + std::to_string(server_->port()); }
  CertificateAuthority OwnAuthority() const {
    const auto text = [](const auto& path) { return ToText(*ReadFile(path, 1U << 16U)); };
    return *CertificateAuthority::Load(text(options_.layout.ca_certificate()),
                                       text(options_.layout.ca_key()));
  }
  StatusCode PutCode(const dap::TaskConfiguration& task) {
    return HelperLink(Address(), leader_).Put(reporters_.Begin(task)).status().code();
  }
  dap::TaskConfiguration Demo() const { return DemoTask(Address(), clock_.Now()); }

  TempDir folder_;
  OsDurableFs fs_;
  OsClock clock_;
  OsRandom random_;
  Reporters reporters_;
  AggregatorOptions options_;
  ClientCredential leader_;
  std::unique_ptr<AggregatorServer> server_;
};

TEST_F(LeaderListenerTest, TheLeaderGetsKeysThatTheIdentitySigned) {
  const auto keys = HelperLink(Address(), leader_).Keys();
  ASSERT_TRUE(keys.ok()) << keys.status();
  const auto identity = *LoadIdentityKey(options_.layout);
  const auto configs = *dap::SignedHpkeConfigs::Decode(AsBytes(keys->hpke_configs()));
  EXPECT_TRUE(
      dap::VerifyHpkeConfigs(configs, dap::Role::kHelper, identity->public_key(), clock_.Now())
          .ok());
  EXPECT_EQ(keys->schema_version(), schema::kSchemaVersion);
  EXPECT_EQ(keys->registered_devices(), 120U);
}

TEST_F(LeaderListenerTest, WithoutACertificateNothingAnswers) {
  ClientCredential nothing = leader_;
  nothing.chain_pem.clear();
  nothing.key_pem.clear();
  EXPECT_EQ(HelperLink(Address(), nothing).Knock().code(), StatusCode::kUnavailable);
}

TEST_F(LeaderListenerTest, ALeaderOfAnotherAuthorityGetsNothing) {
  const auto stranger =
      *CertificateAuthority::Create("Flotilla aggregator", clock_.Now(), absl::Hours(2));
  EXPECT_EQ(HelperLink(Address(), Issue(stranger, leader_.ca_pem, kLeaderName)).Knock().code(),
            StatusCode::kUnavailable);
}

TEST_F(LeaderListenerTest, AnotherNameOfTheSameAuthorityIsRefused) {
  const auto authority = OwnAuthority();
  EXPECT_EQ(HelperLink(Address(), Issue(authority, leader_.ca_pem, "alice")).Knock().code(),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(HelperLink(Address(), Issue(authority, leader_.ca_pem, "")).Knock().code(),
            StatusCode::kPermissionDenied);
}

TEST_F(LeaderListenerTest, ALeaderDoesNotTalkToAHelperOfAnotherAuthority) {
  const auto stranger = *CertificateAuthority::Create("another", clock_.Now(), absl::Hours(2));
  ClientCredential deceived = leader_;
  deceived.ca_pem = stranger.cert_pem();
  EXPECT_EQ(HelperLink(Address(), deceived).Knock().code(), StatusCode::kUnavailable);
}

TEST_F(LeaderListenerTest, ATaskIsTakenAndTheSameAgainIsTakenToo) {
  HelperLink link(Address(), leader_);
  const StoredTask task = reporters_.Begin(Demo());
  const auto id = link.Put(task);
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(*id, reporters_.task().id());
  EXPECT_EQ(*link.Put(task), *id);
  StoredTask other = task;
  other.verify_key[5] ^= 1;
  EXPECT_EQ(link.Put(other).status().code(), StatusCode::kAlreadyExists);
}

TEST_F(LeaderListenerTest, TasksThatPromiseDevicesLessAreRefusedOnTheWire) {
  dap::TaskConfiguration task = Demo();
  task.helper_endpoint = "elsewhere:1";
  EXPECT_EQ(PutCode(task), StatusCode::kPermissionDenied);
  task = Demo();
  task.noise.parameter = {8, 1};
  EXPECT_EQ(PutCode(task), StatusCode::kPermissionDenied);
  task = Demo();
  task.cohort.metric = static_cast<std::uint32_t>(schema::MetricId::kTtftP95);
  EXPECT_EQ(PutCode(task), StatusCode::kPermissionDenied) << "buckets of another metric";
  task = Demo();
  task.kind = dap::TaskKind::kReal;
  task.time_precision = dap::kHour;
  task.interval = {
      .start = static_cast<std::uint64_t>(absl::ToUnixSeconds(clock_.Now())) / 3600 + 1,
      .duration = 4};
  task.noise.looks = 4;
  task.window = 1;
  EXPECT_EQ(PutCode(task), StatusCode::kPermissionDenied) << "four looks at a gate";
  task = Demo();
  task.interval.start -= 100;
  EXPECT_EQ(PutCode(task), StatusCode::kFailedPrecondition) << "it has begun";
}

TEST_F(LeaderListenerTest, BytesThatAreNoTaskAreRefusedOnTheWire) {
  const StoredTask task = reporters_.Begin(Demo());
  v1::PutTaskRequest request;
  request.set_configuration(ToText(task.configuration));
  request.set_verify_key(std::string(31, 'k'));
  request.set_collector(ToText(task.collector));
  HelperLink link(Address(), leader_);
  EXPECT_EQ(link.Put(request).code(), StatusCode::kInvalidArgument);
  request.set_verify_key(std::string(32, 'k'));
  request.mutable_configuration()->push_back('x');
  EXPECT_EQ(link.Put(request).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(link.Job(reporters_.task().id(), {}).status().code(), StatusCode::kNotFound);
}

TEST_F(LeaderListenerTest, OnAFreePortItComesBackWhereItWas) {
  const std::uint16_t port = server_->port();
  server_.reset();
  auto again = AggregatorServer::Start(options_, World());
  ASSERT_TRUE(again.ok()) << again.status();
  server_ = *std::move(again);
  EXPECT_EQ(server_->port(), port);
  EXPECT_TRUE(HelperLink(Address(), leader_).Keys().ok());
}

TEST_F(LeaderListenerTest, TwoDoNotRunOnOneStateFolder) {
  EXPECT_EQ(AggregatorServer::Start(options_, World()).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace flotilla::telemetry

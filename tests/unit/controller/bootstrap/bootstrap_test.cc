#include "controller/bootstrap/bootstrap.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "base/status.h"
#include "controller/bootstrap/controller_identity.h"
#include "controller/bootstrap/state_layout.h"
#include "security/key_file.h"
#include "security/x509/peer.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

const Time kNow = absl::FromUnixSeconds(1'767'225'600);

class BootstrapTest : public testing::Test {
 protected:
  StatusOr<BootstrapReport> Run(Time now) {
    BootstrapOptions options;
    options.state_dir = layout_.state_dir;
    options.host_names = hosts_;
    options.operator_name = "alice";
    return Bootstrap(options, fs_, now);
  }
  static bool Made(const BootstrapReport& report, const std::string& what) {
    const auto step = std::find_if(report.steps.begin(), report.steps.end(),
                                   [&](const BootstrapStep& s) { return s.what == what; });
    return step != report.steps.end() && step->made;
  }
  Status CheckHost(const std::string& host) {
    const ControllerIdentity identity = LoadIdentity(layout_, authorities_).value();
    return security::CheckServer(identity.server_chain_pem, identity.authority.cert_pem(), host,
                                 kNow);
  }

  TempDir dir_;
  StateLayout layout_{dir_.path() / "state"};
  OsDurableFs fs_;
  AuthorityStore authorities_{layout_, "", nullptr, fs_};
  std::vector<std::string> hosts_ = {"fleet.example.org", "192.0.2.7"};
};

TEST_F(BootstrapTest, MakesAllThatAControllerLoads) {
  const auto report = Run(kNow);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(std::all_of(report->steps.begin(), report->steps.end(),
                          [](const BootstrapStep& step) { return step.made; }));
  const auto identity = LoadIdentity(layout_, authorities_);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(identity->authority.Fingerprint(), report->authority);
  for (const auto& [key, pub] : {std::pair(layout_.snapshot_key(), layout_.snapshot_pub()),
                                 std::pair(layout_.timestamp_key(), layout_.timestamp_pub())}) {
    EXPECT_EQ(security::LoadPublicKey(pub).value(),
              security::LoadSigner(key, "").value()->public_key());
  }
  EXPECT_TRUE(std::filesystem::is_directory(layout_.blobs()));
}

TEST_F(BootstrapTest, NamesEveryHostAndTheMachineItself) {
  ASSERT_TRUE(Run(kNow).ok());
  for (const char* const host : {"fleet.example.org", "192.0.2.7", "localhost", "127.0.0.1"}) {
    EXPECT_TRUE(CheckHost(host).ok()) << host;
  }
}

TEST_F(BootstrapTest, GivesTheFirstOperatorACertificate) {
  ASSERT_TRUE(Run(kNow).ok());
  const auto folder = layout_.operator_dir();
  const auto peer = security::CheckPeer(ReadPem(folder / "operator.crt").value(),
                                        ReadPem(folder / "ca.crt").value(), kNow);
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->kind, security::PeerKind::kOperator);
  EXPECT_EQ(peer->name, "alice");
}

TEST_F(BootstrapTest, KeepsPrivateKeysToTheOwner) {
  ASSERT_TRUE(Run(kNow).ok());
  for (const auto& path : {layout_.ca_key(), layout_.server_key(), layout_.snapshot_key(),
                           layout_.timestamp_key(), layout_.operator_dir() / "operator.key"}) {
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << path;
  }
}

TEST_F(BootstrapTest, ChangesNothingTheSecondTime) {
  const auto first = Run(kNow);
  ASSERT_TRUE(first.ok());
  const std::string server = ReadPem(layout_.server_chain()).value();
  const std::string alice = ReadPem(layout_.operator_dir() / "operator.crt").value();
  const auto second = Run(kNow + absl::Hours(1));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(std::none_of(second->steps.begin(), second->steps.end(),
                           [](const BootstrapStep& step) { return step.made; }));
  EXPECT_EQ(second->authority, first->authority);
  EXPECT_EQ(ReadPem(layout_.server_chain()).value(), server);
  EXPECT_EQ(ReadPem(layout_.operator_dir() / "operator.crt").value(), alice);
}

TEST_F(BootstrapTest, MakesANewServerCertificateForANewHostOrBeforeTheEnd) {
  ASSERT_TRUE(Run(kNow).ok());
  hosts_.emplace_back("fleet.example.net");
  const auto more = Run(kNow);
  ASSERT_TRUE(more.ok());
  EXPECT_TRUE(Made(*more, "server certificate"));
  EXPECT_FALSE(Made(*more, "operator authority"));
  EXPECT_TRUE(CheckHost("fleet.example.net").ok());
  EXPECT_FALSE(Made(Run(kNow + absl::Hours(24 * 330)).value(), "server certificate"));
  EXPECT_TRUE(Made(Run(kNow + absl::Hours(24 * 336)).value(), "server certificate"));
}

TEST_F(BootstrapTest, MakesAPairAnewThatACrashCutShort) {
  ASSERT_TRUE(Run(kNow).ok());
  std::filesystem::remove(layout_.operator_dir() / "operator.crt");
  const auto again = Run(kNow);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Made(*again, "operator certificate"));
}

TEST_F(BootstrapTest, DoesNotReplaceAnAuthorityWhoseKeyIsAway) {
  ASSERT_TRUE(Run(kNow).ok());
  std::filesystem::remove(layout_.ca_key());
  EXPECT_EQ(Run(kNow).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(BootstrapTest, RefusesWhatIsNoHostName) {
  hosts_ = {"not a host"};
  EXPECT_EQ(Run(kNow).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::controller

#include "telemetry/aggregator/setup.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "telemetry/aggregator/device_registry.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {
namespace {

const Time kStart = absl::FromUnixSeconds(1'800'000'000);

class SetUpTest : public testing::Test {
 protected:
  SetUpTest() {
    options_.layout.state_dir = folder_.path() / "state";
    options_.host_names = {"helper.example", "192.0.2.7"};
    options_.devices_file = options_.layout.state_dir / "devices";
    options_.sealing_key_life = absl::Hours(24 * 30);
  }
  StatusOr<SetupReport> Run(Time now = kStart) {
    return telemetry::SetUp(options_, fs_, random_, now);
  }
  static std::string Text(const std::filesystem::path& path) {
    return ToText(*ReadFile(path, 1U << 20U));
  }
  static unsigned Mode(const std::filesystem::path& path) {
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 0777U;
  }

  TempDir folder_;
  OsDurableFs fs_;
  SeededRandom random_{3};
  AggregatorOptions options_;
};

TEST_F(SetUpTest, MakesEverythingOnceAndLeavesItThenAlone) {
  const SetupReport first = *Run();
  for (const SetupStep& step : first.steps) EXPECT_TRUE(step.made) << step.what;
  const std::string key = Text(options_.layout.identity_key());
  const std::string chain = Text(options_.layout.server_chain());
  const SetupReport second = *Run(kStart + absl::Hours(24));
  for (const SetupStep& step : second.steps) EXPECT_FALSE(step.made) << step.what;
  EXPECT_EQ(second.identity, first.identity);
  EXPECT_EQ(Text(options_.layout.identity_key()), key);
  EXPECT_EQ(Text(options_.layout.server_chain()), chain);
  EXPECT_EQ((*LoadIdentityKey(options_.layout))->public_key().kind(), security::KeyKind::kEd25519);
}

TEST_F(SetUpTest, KeepsSecretsFromOthers) {
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(Mode(options_.layout.state_dir), 0700U);
  for (const auto& secret : {options_.layout.identity_key(), options_.layout.sealing_keys(),
                             options_.layout.ca_key(), options_.layout.server_key()}) {
    EXPECT_EQ(Mode(secret), 0600U) << secret;
  }
}

TEST_F(SetUpTest, NamesAllHostsInTheServerCertificateAndMakesItAnewForAnother) {
  ASSERT_TRUE(Run().ok());
  options_.host_names.emplace_back("helper2.example");
  ASSERT_TRUE(*RenewServer(options_, fs_, kStart));
  const ServerCredential credential = *LoadServerCredential(options_.layout);
  for (const char* const host : {"helper.example", "192.0.2.7", "helper2.example", "localhost"}) {
    EXPECT_TRUE(security::CheckServer(credential.chain_pem, credential.ca_pem, host, kStart).ok());
  }
  EXPECT_FALSE(*RenewServer(options_, fs_, kStart));
}

TEST_F(SetUpTest, MakesTheServerCertificateAnewAMonthBeforeItsEnd) {
  ASSERT_TRUE(Run().ok());
  const Time end = *security::CertificateEnd(Text(options_.layout.server_chain()));
  EXPECT_FALSE(*RenewServer(options_, fs_, end - absl::Hours(24 * 31)));
  EXPECT_TRUE(*RenewServer(options_, fs_, end - absl::Hours(24 * 29)));
}

TEST_F(SetUpTest, MakesTheServerCertificateAnewWhenItsKeyIsAnother) {
  ASSERT_TRUE(Run().ok());
  const std::string other = *security::EcKey::Generate()->ToPem();
  ASSERT_TRUE(DurableWrite(fs_, options_.layout.server_key(), AsBytes(other)).ok());
  EXPECT_TRUE(*RenewServer(options_, fs_, kStart));
  EXPECT_FALSE(*RenewServer(options_, fs_, kStart));
}

TEST_F(SetUpTest, GivesTheLeaderACertificateOfItsOwnAuthority) {
  ASSERT_TRUE(Run().ok());
  const auto out = folder_.path() / "for-the-controller";
  ASSERT_TRUE(IssueLeader(options_.layout, out, fs_, kStart).ok());
  const auto peer =
      *security::CheckPeer(Text(out / "leader.crt"), Text(out / "helper-ca.crt"), kStart);
  EXPECT_EQ(peer.kind, security::PeerKind::kOperator);
  EXPECT_EQ(peer.name, kLeaderName);
  EXPECT_EQ(Mode(out / "leader.key"), 0600U);
}

TEST_F(SetUpTest, DoesNotMakeASecondAuthorityWhenAKeyIsMissing) {
  ASSERT_TRUE(Run().ok());
  std::filesystem::remove(options_.layout.ca_key());
  EXPECT_EQ(Run().status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(SetUpTest, BeforeItEverythingSaysToRunInit) {
  for (const Status& status :
       {LoadIdentityKey(options_.layout).status(), LoadServerCredential(options_.layout).status(),
        IssueLeader(options_.layout, folder_.path(), fs_, kStart)}) {
    EXPECT_EQ(status.code(), StatusCode::kNotFound);
    EXPECT_NE(MessageOf(status).find("flotilla-aggregator init"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace flotilla::telemetry

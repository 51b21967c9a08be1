#include "agent/enrol/identity_keeper.h"

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/enrol/decommission.h"
#include "agent/enrol/pem_identity_keys.h"
#include "base/os_durable_fs.h"
#include "tests/support/fake_enrolment_client.h"
#include "tests/support/fake_executor.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr Duration kLife = absl::Hours(24 * 60);

// Tasks of the keeper's thread reach the test's loop through here.
class Handover final : public Executor {
 public:
  explicit Handover(FakeExecutor& loop) : loop_(loop) {}

  void Post(Task task) override {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(task));
    came_.notify_all();
  }
  TimerId PostAfter(Duration delay, Task task) override {
    return loop_.PostAfter(delay, std::move(task));
  }
  void Cancel(TimerId timer) override { loop_.Cancel(timer); }

  // Waits for one task and runs it here.
  void RunOne() {
    Task task;
    {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [this] { return !waiting_.empty(); });
      task = std::move(waiting_.front());
      waiting_.erase(waiting_.begin());
    }
    task();
  }

 private:
  FakeExecutor& loop_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Task> waiting_;
};

class IdentityKeeperTest : public testing::Test {
 protected:
  IdentityKeeperTest() {
    client_.issue_at = absl::ToUnixSeconds(loop_.Now());
    const auto key = keys_.Make().value();
    Identity identity;
    identity.device_id = "pump-1";
    identity.key_pem = key->TlsPem().value();
    identity.chain_pem = client_.Issue(ToText(key->MakeCsrDer().value())).value();
    identity.ca_pem = client_.authority.cert_pem();
    EXPECT_TRUE(SaveIdentity(fs_, dir_.path(), identity).ok());
    Restart();
  }

  void Restart() {
    keeper_.reset();
    keeper_.emplace(dir_.path(), LoadIdentity(dir_.path()).value(),
                    IdentityKeeper::Parts{handover_, loop_, {client_, keys_, fs_, random_}},
                    IdentityKeeper::Hooks{[this](const Identity& used) { used_ = used.chain_pem; },
                                          [this] { ++reconnects_; }, [this] { ++left_; }});
    keeper_->Start();
  }
  // The call that is due, to its end.
  void RenewNow() {
    client_.issue_at = absl::ToUnixSeconds(loop_.Now() + kLife * 3 / 4);
    loop_.Advance(kLife * 3 / 4);
    handover_.RunOne();
  }
  std::string OnDisk() const { return LoadIdentity(dir_.path()).value().chain_pem; }

  TempDir dir_;
  OsDurableFs fs_;
  FakeExecutor loop_;
  Handover handover_{loop_};
  SeededRandom random_{3};
  PemIdentityKeys keys_;
  FakeEnrolmentClient client_{kLife};
  std::optional<IdentityKeeper> keeper_;
  std::string used_;
  int reconnects_ = 0;
  int left_ = 0;
};

TEST_F(IdentityKeeperTest, TheOldCertificateStaysUntilTheNewOneWasWelcomed) {
  const std::string old = OnDisk();
  EXPECT_EQ(used_, old);
  RenewNow();
  EXPECT_EQ(client_.renewals, 1);
  EXPECT_NE(used_, old);
  EXPECT_EQ(reconnects_, 1);
  EXPECT_EQ(OnDisk(), old);
  keeper_->OnWelcome("");
  EXPECT_EQ(OnDisk(), used_);
  EXPECT_FALSE(LoadNextIdentity(dir_.path()).ok());
}

TEST_F(IdentityKeeperTest, AKillBeforeTheSwitchGoesOnWithTheNewOne) {
  const std::string old = OnDisk();
  RenewNow();
  const std::string renewed = used_;
  Restart();
  EXPECT_EQ(used_, renewed);
  EXPECT_EQ(OnDisk(), old);
  keeper_->OnWelcome("");
  EXPECT_EQ(OnDisk(), renewed);
  EXPECT_EQ(client_.renewals, 1);
}

TEST_F(IdentityKeeperTest, ANewOneThatIsRefusedTakesTurnsWithTheOldOne) {
  const std::string old = OnDisk();
  RenewNow();
  const std::string renewed = used_;
  keeper_->OnSessionDown(Unavailable("handshake"));
  EXPECT_EQ(used_, old);
  keeper_->OnSessionDown(Unavailable("handshake"));
  EXPECT_EQ(used_, renewed);
}

TEST_F(IdentityKeeperTest, AFailedRenewalIsTriedAgainAndTheOldOneStaysInUse) {
  const std::string old = OnDisk();
  client_.refusal = Unavailable("no link");
  RenewNow();
  EXPECT_EQ(used_, old);
  EXPECT_EQ(reconnects_, 0);
  client_.refusal = OkStatus();
  loop_.Advance(absl::Hours(6));
  handover_.RunOne();
  EXPECT_EQ(client_.renewals, 2);
  EXPECT_NE(used_, old);
}

TEST_F(IdentityKeeperTest, ADeviceThatWasDarkPastTheEndRenewsAtOnce) {
  keeper_.reset();
  loop_.Advance(kLife * 2);
  client_.issue_at = absl::ToUnixSeconds(loop_.Now());
  Restart();
  loop_.Advance(absl::ZeroDuration());
  handover_.RunOne();
  EXPECT_EQ(client_.renewals, 1);
  EXPECT_EQ(reconnects_, 1);
}

TEST_F(IdentityKeeperTest, AClockThatRunsAheadRenewsNoMoreThanThreeTimesInALife) {
  RenewNow();
  keeper_->OnWelcome("");
  client_.issue_at = absl::ToUnixSeconds(loop_.Now() - 3 * kLife);  // all issued are over by it
  loop_.Advance(kLife);
  handover_.RunOne();
  keeper_->OnWelcome("");
  const int before = client_.renewals;
  loop_.Advance(kLife / 3 - absl::Hours(1));
  EXPECT_EQ(client_.renewals, before);
  loop_.Advance(absl::Hours(2));
  handover_.RunOne();
  EXPECT_EQ(client_.renewals, before + 1);
}

TEST_F(IdentityKeeperTest, TheControllersCasAreTakenUpFromASession) {
  const auto next =
      security::CertificateAuthority::Create("next", loop_.Now(), security::kAuthorityLife).value();
  const std::string both = client_.authority.cert_pem() + next.cert_pem();
  keeper_->OnWelcome(both);
  EXPECT_EQ(LoadIdentity(dir_.path()).value().ca_pem, both);
  keeper_->OnWelcome("no certificates");
  EXPECT_EQ(LoadIdentity(dir_.path()).value().ca_pem, both);
}

TEST_F(IdentityKeeperTest, AnOperatorsWishRenewsWithANewKey) {
  const std::string old_key = LoadIdentity(dir_.path()).value().key_pem;
  keeper_->RenewWithin(absl::Seconds(5));
  loop_.Advance(absl::Seconds(5));
  handover_.RunOne();
  keeper_->OnWelcome("");
  EXPECT_NE(LoadIdentity(dir_.path()).value().key_pem, old_key);
}

TEST_F(IdentityKeeperTest, ADecommissionThatTheRenewalTellsEndsTheDevice) {
  client_.refusal =
      WithReason(PermissionDenied("left the fleet"), v1::FAILURE_REASON_CONTROL_DECOMMISSIONED);
  RenewNow();
  EXPECT_EQ(left_, 1);
}

TEST(Decommission, WipesKeysAtOnceAndModelsWhenNothingIsOpen) {
  TempDir dir;
  OsDurableFs fs;
  Identity identity{"pump-1", "key\n", "-----BEGIN CERTIFICATE-----\n", "ca"};
  ASSERT_TRUE(SaveIdentity(fs, dir.path(), identity).ok());
  std::filesystem::create_directories(dir.path() / "store/ab");
  ASSERT_TRUE(BeginLeaving(fs, dir.path(), ModelFate::kWipe).ok());
  EXPECT_FALSE(std::filesystem::exists(DevicePemPath(dir.path())));
  EXPECT_TRUE(HasLeftFleet(dir.path()));
  EXPECT_TRUE(std::filesystem::exists(dir.path() / "store/ab"));
  ASSERT_TRUE(FinishLeaving(fs, dir.path()).ok());
  ASSERT_TRUE(FinishLeaving(fs, dir.path()).ok());
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "store"));
  ASSERT_TRUE(ForgetLeaving(fs, dir.path()).ok());
  EXPECT_FALSE(HasLeftFleet(dir.path()));
}

TEST(Identity, OfAnotherMachineIsWiped) {
  TempDir dir;
  OsDurableFs fs;
  const Bytes here(32, 1);
  ASSERT_TRUE(
      SaveIdentity(fs, dir.path(), {"pump-1", "key\n", "-----BEGIN CERTIFICATE-----\n", "ca"})
          .ok());
  ASSERT_TRUE(SaveFingerprint(fs, dir.path(), here).ok());
  EXPECT_TRUE(IsOwnMachine(fs, dir.path(), here).value());
  EXPECT_FALSE(IsOwnMachine(fs, dir.path(), Bytes(32, 2)).value());
}

}  // namespace
}  // namespace flotilla::agent

#include "tests/swarm/fleet/sim_device_core.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla::swarm {
namespace {

constexpr Duration kStart = absl::Seconds(1000);

class FakeLink final : public DeviceLink {
 public:
  void Open() override { ++opened; }
  void Send(const v1::SessionRequest& message) override { sent.push_back(message); }
  void Close() override { ++closed; }

  int opened = 0;
  int closed = 0;
  std::vector<v1::SessionRequest> sent;
};

class CountingWitness final : public DeviceWitness {
 public:
  void OnUp(std::optional<Duration> was_away, Duration /*now*/) override {
    ++ups;
    away = was_away;
  }
  void OnDown(const Status& /*cause*/, bool /*was_live*/) override { ++downs; }
  void OnDesired(const v1::DesiredState& /*desired*/, Duration /*now*/) override { ++desired; }
  void OnReportSent(const v1::UpdateReport& /*report*/, bool again) override {
    again ? ++repeated : ++reports;
  }
  void OnAcked(Duration sent, Duration now) override { acked.push_back(now - sent); }
  void OnWrong(const std::string& what) override { wrongs.push_back(what); }

  int ups = 0;
  int downs = 0;
  int desired = 0;
  int reports = 0;
  int repeated = 0;
  std::optional<Duration> away;
  std::vector<Duration> acked;
  std::vector<std::string> wrongs;
};

class SimDeviceCoreTest : public ::testing::Test {
 protected:
  static SimDeviceOptions Options() {
    SimDeviceOptions options;
    options.id = "d1";
    options.boot_epoch = 9;
    options.habits.accept_delay = absl::ZeroDuration();
    options.habits.step_delay = absl::ZeroDuration();
    return options;
  }
  void Welcome(std::uint64_t durable_seq, Duration now, int spread_seconds = 5) {
    v1::SessionResponse message;
    message.mutable_welcome()->set_session_epoch(1);
    message.mutable_welcome()->set_durable_seq(durable_seq);
    message.mutable_welcome()->mutable_heartbeat_interval()->set_seconds(60);
    message.mutable_welcome()->mutable_reconnect_spread()->set_seconds(spread_seconds);
    device_.OnMessage(message, now);
  }
  void Offer(std::uint64_t generation, Duration now) {
    v1::SessionResponse message;
    message.mutable_desired_state()->set_generation(generation);
    v1::Assignment& assignment = *message.mutable_desired_state()->add_assignments();
    assignment.mutable_release()->set_line("slm");
    assignment.mutable_release()->set_sha256("A");
    assignment.set_rollout_id("r");
    assignment.set_attempt(1);
    device_.OnMessage(message, now);
  }
  void Ack(std::uint64_t seq, Duration now, std::uint64_t epoch = 9) {
    v1::SessionResponse message;
    message.mutable_ack()->set_boot_epoch(epoch);
    message.mutable_ack()->set_durable_seq(seq);
    device_.OnMessage(message, now);
  }
  int ReportsSent() const {
    int reports = 0;
    for (const v1::SessionRequest& request : link_.sent) {
      reports += request.has_report() ? 1 : 0;
    }
    return reports;
  }

  SeededRandom random_{1};
  FakeLink link_;
  CountingWitness witness_;
  SimDeviceCore device_{Options(), link_, witness_, random_};
};

TEST_F(SimDeviceCoreTest, OpensAndSaysHello) {
  device_.Start(kStart);
  EXPECT_EQ(link_.opened, 1);
  ASSERT_EQ(link_.sent.size(), 1U);
  EXPECT_EQ(link_.sent.front().hello().device_id(), "d1");
  EXPECT_EQ(link_.sent.front().hello().machine_fingerprint().size(), 32U);
  EXPECT_EQ(link_.sent.front().hello().boot_epoch(), 9U);
}

TEST_F(SimDeviceCoreTest, ReportsTheWholeUpdateInOrder) {
  device_.Start(kStart);
  Welcome(0, kStart);
  Offer(1, kStart);
  EXPECT_EQ(ReportsSent(), 8);
  for (std::uint64_t i = 0; i < 8; ++i) {
    EXPECT_EQ(link_.sent[1 + i].report().seq(), i + 1);
  }
  Ack(8, kStart + absl::Milliseconds(5));
  EXPECT_EQ(device_.outbox().waiting(), 0U);
  EXPECT_EQ(witness_.acked, std::vector<Duration>(8, absl::Milliseconds(5)));
  EXPECT_TRUE(witness_.wrongs.empty());
}

TEST_F(SimDeviceCoreTest, SendsWhatWasNotAcknowledgedAgainOnTheNextSession) {
  device_.Start(kStart);
  Welcome(0, kStart);
  Offer(1, kStart);
  Ack(3, kStart);
  device_.OnClosed(Unavailable("gone"), kStart + absl::Minutes(2));
  link_.sent.clear();
  while (link_.opened < 2) {
    device_.OnTime(*device_.next_due());
  }
  EXPECT_EQ(link_.sent.front().hello().outbox_first_seq(), 4U);
  EXPECT_EQ(link_.sent.front().hello().outbox_last_seq(), 8U);
  Welcome(5, kStart + absl::Minutes(3));
  EXPECT_EQ(ReportsSent(), 3);
  EXPECT_EQ(witness_.repeated, 3);
  EXPECT_EQ(witness_.reports, 8);
  ASSERT_TRUE(witness_.away.has_value());
  EXPECT_EQ(*witness_.away, absl::Minutes(1));
}

TEST_F(SimDeviceCoreTest, ComesBackWithinTheSpreadThatItWasTold) {
  device_.Start(kStart);
  Welcome(0, kStart, 30);
  const Duration lost = kStart + absl::Minutes(2);
  device_.OnClosed(Unavailable("gone"), lost);
  ASSERT_TRUE(device_.next_due().has_value());
  EXPECT_GE(*device_.next_due(), lost);
  EXPECT_LE(*device_.next_due(), lost + absl::Seconds(30));
}

TEST_F(SimDeviceCoreTest, BeatsWithinTenPercentOfTheInterval) {
  device_.Start(kStart);
  Welcome(0, kStart);
  const Duration due = *device_.next_due();
  EXPECT_GE(due - kStart, absl::Seconds(54));
  EXPECT_LE(due - kStart, absl::Seconds(66));
  device_.OnTime(due);
  EXPECT_TRUE(link_.sent.back().has_heartbeat());
}

TEST_F(SimDeviceCoreTest, CountsAnOfferOnceThatIsToldTwice) {
  device_.Start(kStart);
  Welcome(0, kStart);
  Offer(1, kStart);
  Offer(1, kStart);
  EXPECT_EQ(witness_.desired, 1);
  EXPECT_EQ(ReportsSent(), 8);
}

TEST_F(SimDeviceCoreTest, NoticesAcknowledgementsThatCannotBe) {
  device_.Start(kStart);
  Welcome(0, kStart);
  Ack(4, kStart);
  EXPECT_EQ(witness_.wrongs.size(), 1U);
  Ack(0, kStart, 8);
  EXPECT_EQ(witness_.wrongs.size(), 2U);
}

TEST_F(SimDeviceCoreTest, TellsOnceThatARevokedReleaseIsStopped) {
  device_.Start(kStart);
  Welcome(0, kStart);
  v1::SessionResponse message;
  message.mutable_desired_state()->set_generation(1);
  v1::ReleaseStop& stop = *message.mutable_desired_state()->add_stops();
  stop.mutable_release()->set_line("slm");
  stop.mutable_release()->set_sha256("A");
  device_.OnMessage(message, kStart);
  message.mutable_desired_state()->set_generation(2);
  device_.OnMessage(message, kStart);
  ASSERT_EQ(link_.sent.size(), 2U);
  ASSERT_TRUE(link_.sent.back().has_lines_changed());
  EXPECT_EQ(link_.sent.back().lines_changed().lines(0).stopped_sha256(0), "A");
  Offer(3, kStart);
  EXPECT_EQ(link_.sent.back().report().state(), v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE);
}

TEST_F(SimDeviceCoreTest, NoticesAGenerationThatGoesBack) {
  device_.Start(kStart);
  Welcome(0, kStart);
  Offer(5, kStart);
  Offer(4, kStart);
  EXPECT_EQ(witness_.wrongs.size(), 1U);
}

TEST_F(SimDeviceCoreTest, AFloodKeepsSoManyReportsUnacknowledged) {
  device_.Start(kStart);
  Welcome(0, kStart);
  device_.Flood(3, kStart);
  EXPECT_EQ(ReportsSent(), 3);
  Ack(2, kStart + absl::Seconds(1));
  EXPECT_EQ(ReportsSent(), 5);
  EXPECT_EQ(device_.outbox().waiting(), 3U);
  device_.Flood(0, kStart + absl::Seconds(1));
  Ack(5, kStart + absl::Seconds(2));
  EXPECT_EQ(device_.outbox().waiting(), 0U);
  EXPECT_TRUE(witness_.wrongs.empty());
}

}  // namespace
}  // namespace flotilla::swarm

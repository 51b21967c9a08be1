#include "agent/session/session_client.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/fake_executor.h"
#include "tests/support/fake_session_transport.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

class Recorder final : public SessionListener {
 public:
  v1::Hello MakeHello() override {
    v1::Hello hello;
    hello.set_device_id("pump-7");
    return hello;
  }
  void OnWelcome(const v1::Welcome& /*welcome*/) override { ++welcomes; }
  void OnDesiredState(const v1::DesiredState& state) override { desired.push_back(state); }

  int welcomes = 0;
  std::vector<v1::DesiredState> desired;
};

class SessionClientTest : public ::testing::Test {
 protected:
  SessionClientTest()
      : db_(StateDb::Open(dir_.path() / "agent.db").value()),
        outbox_(Outbox::Open(*db_, random_).value()),
        client_({}, {executor_, executor_, random_, transport_, *outbox_, recorder_}) {}

  void Welcome(std::uint64_t durable_seq = 0) {
    v1::SessionResponse message;
    message.mutable_welcome()->set_durable_seq(durable_seq);
    message.mutable_welcome()->mutable_reconnect_spread()->set_seconds(5);
    transport_.Deliver(message);
  }

  void Ack(std::uint64_t epoch, std::uint64_t seq) {
    v1::SessionResponse message;
    message.mutable_ack()->set_boot_epoch(epoch);
    message.mutable_ack()->set_durable_seq(seq);
    transport_.Deliver(message);
  }

  void Append(int number) {
    v1::Assignment assignment;
    assignment.mutable_release()->set_line("pump");
    assignment.set_attempt(static_cast<std::uint32_t>(number));
    v1::UpdateReport report;
    report.set_state(v1::DEPLOYMENT_STATE_ACCEPTED);
    ASSERT_TRUE(outbox_->Append(assignment, report).ok());
    client_.OnOutboxGrew();
  }

  FakeExecutor executor_;
  SeededRandom random_{5};
  TempDir dir_;
  FakeSessionTransport transport_{executor_};
  Recorder recorder_;
  std::unique_ptr<StateDb> db_;
  std::unique_ptr<Outbox> outbox_;
  SessionClient client_;
};

TEST_F(SessionClientTest, SaysHelloFirstWithTheRangeOfTheOutbox) {
  Append(1);
  Append(2);
  client_.Start();
  ASSERT_EQ(transport_.sent().size(), 1U);
  const v1::Hello& hello = transport_.sent()[0].hello();
  EXPECT_EQ(hello.device_id(), "pump-7");
  EXPECT_EQ(hello.outbox_first_seq(), 1U);
  EXPECT_EQ(hello.outbox_last_seq(), 2U);
  EXPECT_EQ(hello.boot_epoch(), outbox_->boot_epoch());
}

TEST_F(SessionClientTest, TellsLinesAfterAHelloThatIsOnItsWay) {
  v1::LinesChanged lines;
  lines.add_lines()->set_line("pump");
  client_.SendLines(lines);  // nobody hears it
  client_.Start();
  ASSERT_EQ(transport_.sent().size(), 1U);
  client_.SendLines(lines);
  ASSERT_EQ(transport_.sent().size(), 2U);
  EXPECT_EQ(transport_.sent()[1].lines_changed().lines_size(), 1);
  Welcome();
  client_.SendLines(lines);
  EXPECT_TRUE(transport_.sent().back().has_lines_changed());
}

TEST_F(SessionClientTest, DrainsTheOutboxAfterTheWelcomeWithoutWhatIsDurable) {
  Append(1);
  Append(2);
  Append(3);
  client_.Start();
  EXPECT_TRUE(transport_.SentReports().empty());
  Welcome(1);
  const std::vector<v1::UpdateReport> reports = transport_.SentReports();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].seq(), 2U);
  EXPECT_EQ(outbox_->first_seq(), 2U);
}

TEST_F(SessionClientTest, ResendsWhatWasNotAcknowledgedInTheNextSession) {
  client_.Start();
  Welcome();
  Append(1);
  Append(2);
  EXPECT_EQ(transport_.SentReports().size(), 2U);
  Ack(outbox_->boot_epoch(), 1);
  transport_.Cut();
  Append(3);
  transport_.Heal();
  executor_.Advance(absl::Seconds(30));
  Welcome(1);
  const std::vector<v1::UpdateReport> reports = transport_.SentReports();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].seq(), 2U);
  EXPECT_EQ(reports[1].seq(), 3U);
}

TEST_F(SessionClientTest, TellsAControllerAgainWhatItAcknowledgedAndForgot) {
  client_.Start();
  Welcome();
  for (int i = 1; i <= 3; ++i) {
    Append(i);
  }
  Ack(outbox_->boot_epoch(), 3);
  transport_.Cut();
  transport_.Heal();
  executor_.Advance(absl::Seconds(30));
  Welcome(1);  // restored from a backup
  const std::vector<v1::UpdateReport> reports = transport_.SentReports();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].seq(), 2U);
  EXPECT_EQ(reports[1].seq(), 3U);
  Ack(outbox_->boot_epoch(), 3);
  EXPECT_EQ(outbox_->first_seq(), 0U);
}

TEST_F(SessionClientTest, IgnoresAnAckOfAnotherBootEpoch) {
  client_.Start();
  Welcome();
  Append(1);
  Ack(outbox_->boot_epoch() + 1, 1);
  EXPECT_EQ(outbox_->first_seq(), 1U);
}

TEST_F(SessionClientTest, KeepsABoundedNumberOfReportsInFlight) {
  client_.Start();
  Welcome();
  for (int i = 1; i <= 100; ++i) {
    Append(i);
  }
  EXPECT_EQ(transport_.SentReports().size(), SessionClient::kReportWindow);
  Ack(outbox_->boot_epoch(), SessionClient::kReportWindow);
  EXPECT_EQ(transport_.SentReports().size(), 100U);
}

TEST_F(SessionClientTest, KeepsTryingWhileTheLinkIsCut) {
  transport_.Cut();
  client_.Start();
  executor_.Advance(absl::Hours(2));
  EXPECT_GT(transport_.opened(), 10);
  transport_.Heal();
  for (int second = 0; second < 310 && !transport_.open(); ++second) {
    executor_.Advance(absl::Seconds(1));
  }
  ASSERT_TRUE(transport_.open());
  Welcome();
  EXPECT_EQ(recorder_.welcomes, 1);
  EXPECT_TRUE(client_.live());
}

TEST_F(SessionClientTest, SendsAHeartbeatWhenNothingElseWasSent) {
  client_.Start();
  Welcome();
  executor_.Advance(absl::Seconds(67));
  EXPECT_TRUE(transport_.sent().back().has_heartbeat());
}

TEST_F(SessionClientTest, HandsTheDesiredStateOn) {
  client_.Start();
  Welcome();
  v1::SessionResponse message;
  message.mutable_desired_state()->set_generation(3);
  transport_.Deliver(message);
  ASSERT_EQ(recorder_.desired.size(), 1U);
  EXPECT_EQ(recorder_.desired[0].generation(), 3U);
}

TEST_F(SessionClientTest, StopsForGood) {
  client_.Start();
  Welcome();
  client_.Stop();
  EXPECT_FALSE(transport_.open());
  executor_.Advance(absl::Hours(24));
  EXPECT_EQ(transport_.opened(), 1);
}

TEST_F(SessionClientTest, ASessionNowAndThenRestsWhenItsReportsAreAcknowledgedAndComesBack) {
  SessionOptions options;
  options.every = absl::Minutes(15);
  FakeSessionTransport transport{executor_};
  SessionClient cycling(options, {executor_, executor_, random_, transport, *outbox_, recorder_});
  const auto welcome = [&transport] {
    v1::SessionResponse message;
    message.mutable_welcome();
    transport.Deliver(message);
  };
  Append(1);
  cycling.Start();
  welcome();
  executor_.Advance(absl::Seconds(15));
  EXPECT_TRUE(cycling.live());
  v1::SessionResponse ack;
  ack.mutable_ack()->set_boot_epoch(outbox_->boot_epoch());
  ack.mutable_ack()->set_durable_seq(1);
  transport.Deliver(ack);
  executor_.Advance(absl::Seconds(2));
  EXPECT_FALSE(cycling.live());
  executor_.Advance(absl::Minutes(17));
  welcome();
  EXPECT_TRUE(cycling.live());
}

}  // namespace
}  // namespace flotilla::agent

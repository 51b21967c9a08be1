#include "controller/replica/session_memory.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

const ArtifactUrls kUrls = {"https://here/metadata/", "https://here/targets/"};

v1::SessionRequest Hello() {
  v1::SessionRequest message;
  message.mutable_hello()->set_device_id("pump-01");
  message.mutable_hello()->set_boot_epoch(7);
  v1::LineStatus& line = *message.mutable_hello()->add_lines();
  line.set_line("plant");
  line.mutable_current()->set_version("1.0.0");
  line.mutable_current()->set_sha256("one");
  return message;
}

v1::SessionRequest Report(std::uint64_t seq,
                          v1::DeploymentState state = v1::DEPLOYMENT_STATE_ACCEPTED) {
  v1::SessionRequest message;
  message.mutable_report()->set_boot_epoch(7);
  message.mutable_report()->set_seq(seq);
  message.mutable_report()->set_state(state);
  message.mutable_report()->mutable_release()->set_line("plant");
  message.mutable_report()->mutable_release()->set_version("2.0.0");
  message.mutable_report()->mutable_release()->set_sha256("two");
  return message;
}

v1::SessionResponse Welcome(std::uint64_t durable_seq, std::uint64_t epoch = 1) {
  v1::SessionResponse message;
  message.mutable_welcome()->set_session_epoch(epoch);
  message.mutable_welcome()->set_durable_seq(durable_seq);
  message.mutable_welcome()->set_metadata_url("https://leader/metadata/");
  message.mutable_welcome()->mutable_heartbeat_interval()->set_seconds(5);
  return message;
}

v1::SessionResponse Ack(std::uint64_t durable_seq) {
  v1::SessionResponse message;
  message.mutable_ack()->set_boot_epoch(7);
  message.mutable_ack()->set_durable_seq(durable_seq);
  return message;
}

std::vector<std::uint64_t> Seqs(const std::vector<v1::SessionRequest>& messages) {
  std::vector<std::uint64_t> seqs;
  for (const v1::SessionRequest& message : messages) {
    if (message.has_report()) {
      seqs.push_back(message.report().seq());
    }
  }
  return seqs;
}

TEST(SessionMemory, HasNothingToSayBeforeTheHello) {
  const SessionMemory memory;
  EXPECT_TRUE(memory.Replay().empty());
}

TEST(SessionMemory, SaysLinesAsTheDeviceSaidThemLast) {
  SessionMemory memory;
  memory.OnDevice(Hello());
  v1::SessionRequest changed;
  *changed.mutable_lines_changed()->mutable_lines() = Hello().hello().lines();
  changed.mutable_lines_changed()->mutable_lines(0)->add_stopped_sha256("one");
  memory.OnDevice(changed);
  const std::vector<v1::SessionRequest> replay = memory.Replay();
  ASSERT_EQ(replay.size(), 1U);
  ASSERT_EQ(replay[0].hello().lines_size(), 1);
  EXPECT_EQ(replay[0].hello().lines(0).stopped_sha256_size(), 1);
}

TEST(SessionMemory, SaysTheHelloFirstAndThenWhatWasNotAcknowledged) {
  SessionMemory memory;
  memory.OnDevice(Hello());
  for (std::uint64_t seq = 4; seq <= 7; ++seq) {
    memory.OnDevice(Report(seq));
  }
  EXPECT_TRUE(memory.OnLeader(Ack(5), kUrls).has_value());
  const std::vector<v1::SessionRequest> replay = memory.Replay();
  ASSERT_EQ(replay.size(), 3U);
  EXPECT_EQ(replay.front().hello().device_id(), "pump-01");
  EXPECT_EQ(Seqs(replay), (std::vector<std::uint64_t>{6, 7}));
  EXPECT_EQ(memory.unacknowledged(), 2U);
}

TEST(SessionMemory, PassesTheFirstWelcomeOnWithItsOwnArtifactHost) {
  SessionMemory memory;
  memory.OnDevice(Hello());
  const auto told = memory.OnLeader(Welcome(3), kUrls);
  ASSERT_TRUE(told.has_value() && told->has_welcome());
  EXPECT_EQ(told->welcome().metadata_url(), kUrls.metadata);
  EXPECT_EQ(told->welcome().targets_url(), kUrls.targets);
  EXPECT_EQ(told->welcome().durable_seq(), 3U);
  EXPECT_EQ(memory.heartbeat_interval(), absl::Seconds(5));
}

TEST(SessionMemory, MakesTheNextLeadersWelcomeAnAcknowledgement) {
  SessionMemory memory;
  memory.OnDevice(Hello());
  memory.OnLeader(Welcome(0), kUrls);
  memory.OnDevice(Report(1));
  memory.OnDevice(Report(2));
  const auto told = memory.OnLeader(Welcome(1, 2), kUrls);
  ASSERT_TRUE(told.has_value() && told->has_ack()) << "a device has one Welcome a session";
  EXPECT_EQ(told->ack().durable_seq(), 1U);
  EXPECT_EQ(told->ack().boot_epoch(), 7U);
  EXPECT_EQ(Seqs(memory.Replay()), std::vector<std::uint64_t>{2});
}

TEST(SessionMemory, PassesOtherNumbersOfTheSameLeaderOn) {
  SessionMemory memory;
  memory.OnDevice(Hello());
  memory.OnLeader(Welcome(0), kUrls);
  v1::SessionResponse again;
  again.mutable_welcome()->set_session_epoch(1);
  again.mutable_welcome()->mutable_heartbeat_interval()->set_seconds(9);
  again.mutable_welcome()->mutable_reconnect_spread()->set_seconds(40);
  const auto told = memory.OnLeader(again, kUrls);
  ASSERT_TRUE(told.has_value() && told->has_welcome());
  EXPECT_EQ(told->welcome().reconnect_spread().seconds(), 40);
  EXPECT_TRUE(told->welcome().metadata_url().empty());
  EXPECT_EQ(memory.heartbeat_interval(), absl::Seconds(9));
}

TEST(SessionMemory, SaysAHelloThatWasNeverWelcomedAgainAndPassesItsWelcomeOn) {
  SessionMemory memory;
  memory.OnDevice(Hello());
  EXPECT_EQ(memory.Replay().size(), 1U);
  const auto told = memory.OnLeader(Welcome(0), kUrls);
  EXPECT_TRUE(told.has_value() && told->has_welcome());
}

TEST(SessionMemory, KeepsALeadersDrainToItself) {
  SessionMemory memory;
  v1::SessionResponse drain;
  drain.mutable_drain();
  EXPECT_FALSE(memory.OnLeader(drain, kUrls).has_value());
}

TEST(SessionMemory, BringsTheHelloUpToDateWithWhatWasReportedSince) {
  SessionMemory memory;
  memory.OnDevice(Hello());
  memory.OnDevice(Report(1, v1::DEPLOYMENT_STATE_TRIAL));
  memory.OnDevice(Report(2, v1::DEPLOYMENT_STATE_SUCCEEDED));
  v1::SessionRequest condition;
  condition.mutable_condition()->set_disk(v1::DISK_BAND_LOW);
  memory.OnDevice(condition);
  memory.OnLeader(Ack(2), kUrls);
  const std::vector<v1::SessionRequest> replay = memory.Replay();
  ASSERT_EQ(replay.size(), 1U);
  const v1::Hello& hello = replay.front().hello();
  ASSERT_EQ(hello.lines_size(), 1);
  EXPECT_EQ(hello.lines(0).current().version(), "2.0.0");
  EXPECT_EQ(hello.lines(0).previous().version(), "1.0.0");
  EXPECT_FALSE(hello.lines(0).trial());
  EXPECT_EQ(hello.condition().disk(), v1::DISK_BAND_LOW);
}

TEST(SessionMemory, SaysAgainThatTheDeviceHasWipedItself) {
  SessionMemory memory;
  memory.OnDevice(Hello());
  v1::SessionRequest done;
  done.mutable_decommission_done();
  memory.OnDevice(done);
  const std::vector<v1::SessionRequest> replay = memory.Replay();
  ASSERT_EQ(replay.size(), 2U);
  EXPECT_TRUE(replay.back().has_decommission_done());
}

}  // namespace
}  // namespace flotilla::controller

#include "controller/fleet/revocation_desk.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

// Two devices run 1.0.0 of "pump"; one of them is connected.
class RevocationDeskTest : public ::testing::Test {
 protected:
  RevocationDeskTest() {
    world_.AddRelease("1.0.0", 1);
    for (const char* id : {"here", "away"}) {
      world_.Enrol(id);
      const auto session = ConnectWithRelease(id);
      if (std::string(id) == "here") {
        session_ = session;
      } else {
        world_.fleet->sessions().OnDisconnect(id, session.get());
      }
    }
    world_.Settle();
  }

  v1::ReleaseRef Ref() const { return world_.fleet->state().FindRelease("pump", "1.0.0")->ref(); }
  std::shared_ptr<FakeDeviceSession> ConnectWithRelease(const std::string& id) {
    v1::Hello hello = FleetWorld::HelloOf(id);
    v1::LineStatus& line = *hello.add_lines();
    line.set_line("pump");
    *line.mutable_current() = Ref();
    auto session = std::make_shared<FakeDeviceSession>();
    world_.fleet->sessions().OnHello(world_.PeerOf(id), session, hello);
    world_.Settle();
    return session;
  }
  StatusOr<v1::RevocationStatus> Ask(const std::string& who) {
    v1::AskRevocationRequest request;
    request.set_line("pump");
    request.set_version("1.0.0");
    request.set_serve(v1::SERVE_INSTEAD_NOTHING);
    request.set_reason("a wrong dose");
    StatusOr<v1::RevocationStatus> answer = Internal("no answer");
    world_.fleet->revocation_desk().Ask(request, "operator:" + who,
                                        [&](auto status) { answer = status; });
    world_.Settle();
    return answer;
  }
  StatusOr<v1::RevocationStatus> Approve(const std::string& who) {
    v1::DecideRevocationRequest request;
    request.set_line("pump");
    request.set_version("1.0.0");
    request.set_decision(v1::REVOCATION_DECISION_APPROVE);
    request.set_serve(v1::SERVE_INSTEAD_NOTHING);
    StatusOr<v1::RevocationStatus> answer = Internal("no answer");
    world_.fleet->revocation_desk().Decide(request, "operator:" + who,
                                           [&](auto status) { answer = status; });
    world_.Settle();
    return answer;
  }
  void TellStopped() {
    v1::LinesChanged changed;
    v1::LineStatus& line = *changed.add_lines();
    line.set_line("pump");
    *line.mutable_current() = Ref();
    line.add_stopped_sha256(Ref().sha256());
    world_.fleet->sessions().OnLinesChanged("here", session_.get(), changed);
    world_.Settle();
  }

  FleetWorld world_;
  std::shared_ptr<FakeDeviceSession> session_;
};

TEST_F(RevocationDeskTest, TellsNobodyBeforeASecondPersonApproves) {
  const auto asked = Ask("alice");
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->online_left(), 1U);
  EXPECT_EQ(asked->offline_left(), 1U);
  EXPECT_EQ(session_->desired.back().stops_size(), 0);
  EXPECT_EQ(Approve("alice").status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(session_->desired.back().stops_size(), 0);

  const auto approved = Approve("bob");
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->release().revocation().devices_online(), 1U);
  EXPECT_EQ(approved->release().revocation().devices_offline(), 1U);
  ASSERT_EQ(session_->desired.back().stops_size(), 1);
  EXPECT_EQ(session_->desired.back().stops(0).release().sha256(), Ref().sha256());
}

TEST_F(RevocationDeskTest, CountsWhoSaysThatItStopped) {
  ASSERT_TRUE(Ask("alice").ok());
  ASSERT_TRUE(Approve("bob").ok());
  TellStopped();
  const auto status = world_.fleet->revocation_desk().Find("pump", "1.0.0");
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->online_left(), 0U);
  EXPECT_EQ(status->offline_left(), 1U);
  EXPECT_EQ(status->stopped(), 1U);
}

TEST_F(RevocationDeskTest, TellsADeviceThatWasAwayWithItsHello) {
  ASSERT_TRUE(Ask("alice").ok());
  ASSERT_TRUE(Approve("bob").ok());
  world_.Restart();
  const auto session = ConnectWithRelease("away");
  ASSERT_FALSE(session->desired.empty());
  EXPECT_EQ(session->desired.back().stops_size(), 1);
}

TEST_F(RevocationDeskTest, AuditsAskAndApproval) {
  ASSERT_TRUE(Ask("alice").ok());
  ASSERT_TRUE(Approve("bob").ok());
  const auto page = world_.store.AuditPage(0, 10);
  ASSERT_TRUE(page.ok());
  ASSERT_GE(page->size(), 2U);
  EXPECT_EQ(page->at(0).action(), "release.revoke.approve");
  EXPECT_EQ(page->at(0).actor(), "operator:bob");
  EXPECT_EQ(page->at(1).action(), "release.revoke.ask");
  EXPECT_NE(page->at(1).detail().find("a wrong dose"), std::string::npos);
}

TEST_F(RevocationDeskTest, KnowsNoRevocationThatNobodyAskedFor) {
  EXPECT_EQ(world_.fleet->revocation_desk().Find("pump", "1.0.0").status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(world_.fleet->revocation_desk().Find("pump", "9.9.9").status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(Approve("bob").status().code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flotilla::controller

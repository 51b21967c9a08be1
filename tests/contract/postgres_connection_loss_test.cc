// The connection breaks at every place of a commit: its change is there once, or not at all.

#include <cstdint>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "tests/contract/postgres_store_subject.h"
#include "tests/support/cutting_proxy.h"

namespace flotilla::controller {
namespace {

using Side = CuttingProxy::Side;

class LostConnection : public testing::Test {
 protected:
  LostConnection() : subject_(MakePostgresSubject()) {
    if (subject_ != nullptr) {
      proxy_ =
          std::make_unique<CuttingProxy>(subject_->cluster().folder() / "data" / ".s.PGSQL.5432");
      subject_->OpenAt(absl::StrCat("host='", proxy_->folder().string(),
                                    "' user=flotilla dbname=", subject_->database()));
    }
  }
  void SetUp() override {
    if (subject_ == nullptr) {
      GTEST_SKIP() << "LEFT OUT: PostgreSQL";
    }
  }
  FleetStore& store() { return subject_->store(); }

  // An audit entry, which the database refuses a second time, and a device beside it.
  FleetChange NextChange() {
    FleetChange change;
    change.audit.emplace_back().set_seq(++seq_);
    StoredDevice& device = change.devices.emplace_back();
    device.record.set_id("pump-01");
    device.report_seq = seq_;
    return change;
  }
  void ExpectEverythingOnce() {
    EXPECT_EQ(subject_->Run("SELECT count(*) || '-' || max(seq) FROM audit"),
              absl::StrCat(seq_, "-", seq_));
    EXPECT_EQ(subject_->Run("SELECT report_seq FROM devices"), absl::StrCat(seq_));
  }
  std::uint64_t BytesOfACommit(Side side) {
    const std::uint64_t before = proxy_->carried(side);
    EXPECT_EQ(store().Commit(NextChange()), OkStatus());
    return proxy_->carried(side) - before;
  }

  std::unique_ptr<PostgresSubject> subject_;
  std::unique_ptr<CuttingProxy> proxy_;
  std::uint64_t seq_ = 0;
};

// Every 29th byte: of each statement at least one place is among them.
TEST_F(LostConnection, AtAnyByteTowardsTheServerLeavesTheChangeOnce) {
  const std::uint64_t bytes = BytesOfACommit(Side::kToServer);
  int cuts = 0;
  for (std::uint64_t at = 0; at < bytes; at += 29) {
    proxy_->CutAfter(Side::kToServer, at);
    ASSERT_EQ(store().Commit(NextChange()), OkStatus()) << "cut after byte " << at;
    ++cuts;
  }
  EXPECT_EQ(proxy_->cuts(), cuts);
  ExpectEverythingOnce();
}

// Every third byte: the answer to COMMIT has 18.
TEST_F(LostConnection, AtAnyByteOfTheAnswersLeavesTheChangeOnce) {
  const std::uint64_t bytes = BytesOfACommit(Side::kToClient);
  int cuts = 0;
  for (std::uint64_t at = 0; at < bytes; at += 3) {
    proxy_->CutAfter(Side::kToClient, at);
    ASSERT_EQ(store().Commit(NextChange()), OkStatus()) << "cut after byte " << at;
    ++cuts;
  }
  EXPECT_EQ(proxy_->cuts(), cuts);
  ExpectEverythingOnce();
}

TEST_F(LostConnection, ForAWhileIsAnErrorAndTheSameCallThenSucceedsOnce) {
  const std::uint64_t bytes = BytesOfACommit(Side::kToClient);
  for (std::uint64_t at = 0; at < bytes; at += 7) {
    const FleetChange change = NextChange();
    proxy_->CutAfter(Side::kToClient, at);
    proxy_->Refuse(true);
    const Status lost = store().Commit(change);
    EXPECT_EQ(lost.code(), StatusCode::kUnavailable) << lost;
    EXPECT_EQ(ReasonNumber(lost), v1::FAILURE_REASON_STORAGE_DATABASE_GONE);
    proxy_->Refuse(false);
    ASSERT_EQ(store().Commit(change), OkStatus()) << "cut after byte " << at;
  }
  ExpectEverythingOnce();
}

TEST_F(LostConnection, AnotherChangeAfterALostOneIsNotTakenForIt) {
  const std::uint64_t bytes = BytesOfACommit(Side::kToClient);
  const FleetChange lost = NextChange();
  proxy_->CutAfter(Side::kToClient, bytes - 1);  // committed, but nobody was told
  proxy_->Refuse(true);
  ASSERT_FALSE(store().Commit(lost).ok());
  proxy_->Refuse(false);
  ASSERT_EQ(store().Commit(NextChange()), OkStatus());
  ExpectEverythingOnce();
}

// The server gets the COMMIT only after the store has asked what became of it.
TEST_F(LostConnection, WaitsForAServerThatIsStillAtTheCommit) {
  BytesOfACommit(Side::kToServer);
  proxy_->HoldBack("COMMIT", "FOR UPDATE");
  ASSERT_EQ(store().Commit(NextChange()), OkStatus());
  EXPECT_EQ(proxy_->cuts(), 1);
  ExpectEverythingOnce();
}

TEST_F(LostConnection, InTheMiddleOfAReadReadsAgain) {
  ASSERT_EQ(store().Commit(NextChange()), OkStatus());
  for (std::uint64_t at = 0; at < 400; at += 40) {
    proxy_->CutAfter(Side::kToClient, at);
    const auto snapshot = store().Load();
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    EXPECT_EQ(snapshot->devices.size(), 1U);
  }
}

}  // namespace
}  // namespace flotilla::controller

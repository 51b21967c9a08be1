#include "fleetctl/audit/log_verifier.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "fleetctl/audit/head_notes.h"
#include "tests/support/temp_dir.h"

namespace flotilla::fleetctl {
namespace {

using security::AuditHead;

// A controller's audit log, as an honest or a lying one gives it page by page.
class Controller {
 public:
  explicit Controller(std::uint64_t length) { Grow(length); }

  void Grow(std::uint64_t length) {
    while (log.size() < length) {
      v1::AuditEntry entry;
      entry.set_seq(log.size() + 1);
      entry.set_actor("operator:alice");
      entry.set_detail("entry " + std::to_string(log.size()));
      head = {entry.seq(), security::AuditHash(entry, head.hash)};
      entry.set_hash(ToText(head.hash.bytes()));
      log.push_back(entry);
    }
  }
  // Every hash from `index` on, as somebody with the database can write them.
  void RewriteFrom(std::size_t index) {
    Digest before =
        index == 0 ? genesis : Digest::FromBytes(AsBytes(log[index - 1].hash())).value();
    for (std::size_t i = index; i < log.size(); ++i) {
      before = security::AuditHash(log[i], before);
      log[i].set_hash(ToText(before.bytes()));
    }
    head = {log.back().seq(), before};
  }
  StatusOr<v1::ListAuditResponse> Page(const v1::ListAuditRequest& request) {
    v1::ListAuditResponse page;
    page.set_genesis_hash(ToText(genesis.bytes()));
    page.set_head_seq(head.seq);
    page.set_head_hash(ToText(head.hash.bytes()));
    for (const v1::AuditEntry& entry : log) {
      const bool wanted = entry.seq() > request.after_seq();
      if (wanted && page.entries_size() < static_cast<int>(std::min(request.page_size(), most))) {
        *page.add_entries() = entry;
      }
    }
    return page;
  }
  StatusOr<LogVerdict> Verify(const LogPlan& plan = {}) {
    return VerifyLog(plan, [this](const auto& request) { return Page(request); });
  }

  const Digest genesis = security::AuditGenesis("site");
  AuditHead head{0, genesis};
  std::vector<v1::AuditEntry> log;
  std::uint32_t most = 7;
};

void ExpectBroken(const StatusOr<LogVerdict>& verdict, const std::string& where) {
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.status().code(), StatusCode::kDataLoss);
  EXPECT_NE(MessageOf(verdict.status()).find(where), std::string::npos) << verdict.status();
}

TEST(LogVerifier, RecomputesAllPages) {
  Controller controller(40);
  const auto verdict = controller.Verify();
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(verdict->entries, 40U);
  EXPECT_EQ(verdict->head.Text(), controller.head.Text());
}

TEST(LogVerifier, TakesAnEmptyLog) {
  Controller controller(0);
  const auto verdict = controller.Verify();
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(verdict->entries, 0U);
}

TEST(LogVerifier, StartsWhereItIsTold) {
  Controller controller(40);
  LogPlan plan;
  plan.from = 31;
  const auto verdict = controller.Verify(plan);
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(verdict->first_seq, 31U);
  EXPECT_EQ(verdict->entries, 10U);
  plan.from = 60;
  ExpectBroken(controller.Verify(plan), "at seq 59");
}

TEST(LogVerifier, FindsAnEdit) {
  Controller controller(40);
  controller.log[19].set_detail("nothing happened");
  ExpectBroken(controller.Verify(), "at seq 20");
}

TEST(LogVerifier, FindsEntriesThatWereCutOffWhatTheControllerSaysIsTheHead) {
  Controller controller(40);
  controller.log.resize(30);
  ExpectBroken(controller.Verify(), "at seq 31: the log ends there");
}

TEST(LogVerifier, FindsALogCutOffWithItsHeadByWhatWasNoted) {
  Controller controller(40);
  LogPlan plan;
  plan.noted.push_back(controller.head);
  EXPECT_EQ(controller.Verify(plan)->noted_compared, 1U);
  controller.log.resize(30);
  controller.RewriteFrom(29);
  EXPECT_TRUE(controller.Verify().ok()) << "to somebody who noted nothing it is sound";
  ExpectBroken(controller.Verify(plan), "at seq 31");
}

TEST(LogVerifier, FindsALogThatWasWrittenAnewByWhatWasNoted) {
  Controller controller(40);
  LogPlan plan;
  plan.noted.push_back(controller.head);
  controller.Grow(50);
  EXPECT_TRUE(controller.Verify(plan).ok());
  controller.log[4].set_detail("nothing happened");
  controller.RewriteFrom(4);
  EXPECT_TRUE(controller.Verify().ok());
  ExpectBroken(controller.Verify(plan), "at seq 40: its hash was");
}

TEST(LogVerifier, ComparesAHeadNotedWhereItStarts) {
  Controller controller(40);
  LogPlan plan;
  plan.from = 21;
  plan.noted.push_back({20, security::AuditGenesis("another")});
  ExpectBroken(controller.Verify(plan), "at seq 20");
  plan.noted = {{19, security::AuditGenesis("another")}};
  EXPECT_EQ(controller.Verify(plan)->noted_compared, 0U) << "lies before what is recomputed";
}

TEST(HeadNotes, KeepOneHeadForEachContext) {
  const TempDir folder;
  const HeadNotes notes(folder.path());
  EXPECT_FALSE(notes.Find("plant")->has_value());
  const AuditHead head{7, security::AuditGenesis("x")};
  ASSERT_TRUE(notes.Put("plant", head).ok());
  EXPECT_EQ((*notes.Find("plant"))->Text(), head.Text());
  EXPECT_FALSE(notes.Find("lab")->has_value());
}

}  // namespace
}  // namespace flotilla::fleetctl

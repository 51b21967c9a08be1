#include "security/audit/audit_chain.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace flotilla::security {
namespace {

v1::AuditEntry Entry(std::uint64_t seq, const std::string& detail) {
  v1::AuditEntry entry;
  entry.set_seq(seq);
  entry.mutable_at()->set_seconds(1'767'225'600);
  entry.mutable_at()->set_nanos(5);
  entry.set_actor("operator:alice");
  entry.set_action("rollout.start");
  entry.set_subject("rollout/r");
  entry.set_detail(detail);
  return entry;
}

const AuditHead kStart{0, AuditGenesis("site-1")};

std::vector<v1::AuditEntry> Log(std::uint64_t length) {
  std::vector<v1::AuditEntry> log;
  AuditHead head = kStart;
  for (std::uint64_t seq = 1; seq <= length; ++seq) {
    log.push_back(Entry(seq, "entry " + std::to_string(seq)));
    head = {seq, AuditHash(log.back(), head.hash)};
    log.back().set_hash(ToText(head.hash.bytes()));
  }
  return log;
}

// The text of the first refusal; empty for a sound log.
std::string Broken(const std::vector<v1::AuditEntry>& log) {
  AuditChecker checker(kStart);
  for (const v1::AuditEntry& entry : log) {
    const Status taken = checker.Take(entry);
    if (!taken.ok()) {
      EXPECT_EQ(taken.code(), StatusCode::kDataLoss);
      return MessageOf(taken);
    }
  }
  return {};
}

TEST(AuditChain, HasTheHashesThatItsFormatSays) {
  // Computed by another program from the format in the header.
  EXPECT_EQ(AuditGenesis("site-1").ToHex(),
            "7a7f9c20f793e445ff4bca6f300a57740825d09d017195f2f374f926d1d6f1ee");
  EXPECT_EQ(AuditHash(Entry(1, "go"), AuditGenesis("site-1")).ToHex(),
            "318f74a61d37e00f461840308fae516075a4d67d9e6402791d840620c4e1e395");
}

TEST(AuditChain, OfASoundLogEndsAtItsHead) {
  const auto log = Log(5);
  AuditChecker checker(kStart);
  for (const v1::AuditEntry& entry : log) {
    ASSERT_TRUE(checker.Take(entry).ok());
  }
  EXPECT_EQ(checker.entries(), 5U);
  EXPECT_EQ(checker.head().seq, 5U);
  EXPECT_EQ(ToText(checker.head().hash.bytes()), log.back().hash());
}

TEST(AuditChain, BreaksWhereAnyFieldWasChanged) {
  const std::vector<void (*)(v1::AuditEntry&)> edits = {
      [](v1::AuditEntry& entry) { entry.set_actor("operator:mallory"); },
      [](v1::AuditEntry& entry) { entry.set_action("rollout.pause"); },
      [](v1::AuditEntry& entry) { entry.set_subject("rollout/x"); },
      [](v1::AuditEntry& entry) { entry.set_detail("nothing"); },
      [](v1::AuditEntry& entry) { entry.mutable_at()->set_seconds(1); },
      [](v1::AuditEntry& entry) { entry.mutable_at()->set_nanos(6); },
      [](v1::AuditEntry& entry) { entry.clear_hash(); },
      // The border between two fields is part of what is hashed.
      [](v1::AuditEntry& entry) {
        entry.set_actor("operator:alicer");
        entry.set_action("ollout.start");
      },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    auto log = Log(5);
    edits[i](log[2]);
    EXPECT_NE(Broken(log).find("at seq 3"), std::string::npos) << i << ": " << Broken(log);
  }
}

TEST(AuditChain, BreaksBehindAnEntryThatWasGivenAFittingHash) {
  auto log = Log(5);
  Digest before = Digest::FromBytes(AsBytes(log[1].hash())).value();
  log[2].set_detail("nothing");
  log[2].set_hash(ToText(AuditHash(log[2], before).bytes()));
  EXPECT_NE(Broken(log).find("at seq 4"), std::string::npos) << Broken(log);
}

TEST(AuditChain, BreaksWhereEntriesAreMissingOrMoved) {
  auto shorter = Log(5);
  shorter.erase(shorter.begin() + 2);
  EXPECT_NE(Broken(shorter).find("at seq 3: entries are missing"), std::string::npos);
  auto moved = Log(5);
  std::swap(moved[1], moved[2]);
  EXPECT_NE(Broken(moved).find("at seq 2"), std::string::npos) << Broken(moved);
  auto renumbered = Log(5);
  std::swap(renumbered[1], renumbered[2]);
  renumbered[1].set_seq(2);
  renumbered[2].set_seq(3);
  EXPECT_NE(Broken(renumbered).find("at seq 2"), std::string::npos) << Broken(renumbered);
  auto twice = Log(3);
  twice.push_back(twice.back());
  EXPECT_NE(Broken(twice).find("at seq 4: entry 3 stands in its place"), std::string::npos);
}

TEST(AuditChain, OfAnotherSiteDoesNotFit) {
  const auto log = Log(1);
  AuditChecker checker({0, AuditGenesis("site-2")});
  EXPECT_FALSE(checker.Take(log[0]).ok());
}

TEST(AuditHeadNote, TellsALogThatWasCutOrWrittenAnew) {
  const AuditHead noted{5, AuditGenesis("five")};
  EXPECT_TRUE(CheckNotedHead(noted, {7, AuditGenesis("seven")}, noted.hash).ok());
  const Status cut = CheckNotedHead(noted, {4, AuditGenesis("four")}, AuditGenesis("four"));
  EXPECT_NE(MessageOf(cut).find("at seq 5: the log ends there"), std::string::npos) << cut;
  const Status anew = CheckNotedHead(noted, {7, AuditGenesis("x")}, AuditGenesis("other"));
  EXPECT_NE(MessageOf(anew).find("at seq 5: its hash was"), std::string::npos) << anew;
}

TEST(AuditHeadNote, IsWrittenAsItIsRead) {
  const AuditHead head{41, AuditGenesis("x")};
  const auto read = AuditHead::Parse(head.Text());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->seq, 41U);
  EXPECT_EQ(read->hash, head.hash);
  const std::string hash = head.hash.ToHex();
  for (const std::string& bad :
       std::vector<std::string>{"", "41", ":" + hash, "x:" + hash, "41:abc", "41 :" + hash}) {
    EXPECT_EQ(AuditHead::Parse(bad).status().code(), StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace flotilla::security

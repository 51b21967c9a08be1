#include "ota/journal.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "tests/support/power_cut_fs.h"
#include "tests/support/temp_dir.h"

namespace flotilla::ota {
namespace {

v1::JournalRecord Record(v1::JournalStep step, const std::string& txn) {
  v1::JournalRecord record;
  record.set_step(step);
  record.set_txn(txn);
  return record;
}

class JournalTest : public testing::Test {
 protected:
  std::unique_ptr<Journal> Open() { return Journal::Open(path_, fs_).value(); }

  TempDir dir_;
  OsDurableFs fs_;
  std::filesystem::path path_ = dir_.path() / "journal";
};

TEST_F(JournalTest, GivesBackWhatWasAppended) {
  ASSERT_TRUE(Open()->Append(Record(v1::JOURNAL_STEP_BEGIN, "a")).ok());
  ASSERT_TRUE(Open()->Append(Record(v1::JOURNAL_STEP_STAGED, "a")).ok());
  const auto journal = Open();
  ASSERT_EQ(2U, journal->records().size());
  EXPECT_EQ(v1::JOURNAL_STEP_STAGED, journal->records()[1].step());
}

TEST_F(JournalTest, CutsATailTornAtAnyByteAndGoesOnBehindIt) {
  ASSERT_TRUE(Open()->Append(Record(v1::JOURNAL_STEP_BEGIN, "first")).ok());
  const Bytes one = ReadFile(path_, 1000).value();
  ASSERT_TRUE(Open()->Append(Record(v1::JOURNAL_STEP_STAGED, "second")).ok());
  const Bytes two = ReadFile(path_, 1000).value();
  for (std::size_t size = one.size(); size < two.size(); ++size) {
    ASSERT_TRUE(DurableWrite(fs_, path_, ByteView(two).first(size)).ok());
    ASSERT_EQ(1U, Open()->records().size()) << size;
    ASSERT_TRUE(Open()->Append(Record(v1::JOURNAL_STEP_ABANDONED, "third")).ok());
    ASSERT_EQ("third", Open()->records().back().txn());
  }
}

TEST_F(JournalTest, StopsAtAFlippedBit) {
  ASSERT_TRUE(Open()->Append(Record(v1::JOURNAL_STEP_BEGIN, "first")).ok());
  ASSERT_TRUE(Open()->Append(Record(v1::JOURNAL_STEP_STAGED, "second")).ok());
  Bytes bytes = ReadFile(path_, 1000).value();
  bytes.back() ^= 1U;
  EXPECT_EQ(1U, ReadJournal(bytes).records.size());
  bytes.front() ^= 1U;
  EXPECT_EQ(0U, ReadJournal(bytes).records.size());
}

TEST_F(JournalTest, KeepsTheLastRecordsAndThoseOfSlotsWhenItIsLong) {
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->Append(Record(v1::JOURNAL_STEP_ACTIVATED, "running")).ok());
    for (std::size_t i = 0; i < 2 * Journal::kKeptRecords; ++i) {
      ASSERT_TRUE(journal->Append(Record(v1::JOURNAL_STEP_ABANDONED, std::to_string(i))).ok());
    }
  }
  const auto journal = Open();
  EXPECT_EQ(Journal::kKeptRecords + 1, journal->records().size());
  EXPECT_EQ("running", journal->records().front().txn());
  EXPECT_EQ(std::to_string(2 * Journal::kKeptRecords - 1), journal->records().back().txn());
}

TEST_F(JournalTest, WritesANewFileAfterAFailedSync) {
  for (std::uint64_t fail_at = 1; fail_at < 6; ++fail_at) {
    std::filesystem::remove(path_);
    PowerCutFs fs(dir_.path(), fail_at, CutMode::kOneFailure);
    auto journal = Journal::Open(path_, fs);
    if (!journal.ok()) {
      continue;
    }
    const Status first = (*journal)->Append(Record(v1::JOURNAL_STEP_BEGIN, "a"));
    const Status second = (*journal)->Append(Record(v1::JOURNAL_STEP_BEGIN, "b"));
    EXPECT_TRUE(first.ok() || second.ok());
    EXPECT_EQ((*journal)->records().size(), Open()->records().size());
  }
}

}  // namespace
}  // namespace flotilla::ota

#include "agent/health/spool.h"

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "tests/support/power_cut_fs.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000);

SpoolEntry Entry(std::uint16_t number) {
  SpoolEntry entry;
  entry.id = {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8U)};
  entry.send_at = kStart + absl::Milliseconds(number);
  entry.uploads_end = kStart + absl::Hours(1);
  entry.window_start = kStart - absl::Hours(1);
  entry.window = absl::Hours(1);
  entry.metric = 2;
  entry.upload = Bytes(1196, static_cast<std::uint8_t>(number));
  return entry;
}

bool Same(const SpoolEntry& a, const SpoolEntry& b) {
  return EncodeSpoolEntry(a) == EncodeSpoolEntry(b);
}

TEST(SpoolEntry, ReadsBackWhatWasWritten) {
  const StatusOr<SpoolEntry> read = DecodeSpoolEntry(EncodeSpoolEntry(Entry(7)));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(Same(Entry(7), *read));
  EXPECT_EQ(Entry(7).send_at, read->send_at);
  EXPECT_EQ(Entry(7).upload, read->upload);
}

TEST(SpoolEntry, RefusesEveryDamagedByte) {
  const Bytes bytes = EncodeSpoolEntry(Entry(7));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= 1;
    EXPECT_EQ(StatusCode::kDataLoss, DecodeSpoolEntry(damaged).status().code()) << i;
    EXPECT_FALSE(DecodeSpoolEntry(ByteView(bytes).first(i)).ok());
  }
}

class SpoolTest : public testing::Test {
 protected:
  Spool Open() { return *Spool::Open(fs_, dir_.path() / "spool"); }

  const TempDir dir_;
  OsDurableFs fs_;
};

TEST_F(SpoolTest, KeepsReportsOverARestart) {
  ASSERT_TRUE(Open().Put(Entry(1)).ok());
  ASSERT_TRUE(Open().Put(Entry(2)).ok());
  Spool spool = Open();
  ASSERT_EQ(2U, spool.entries().size());
  ASSERT_TRUE(spool.Remove(Entry(1).id).ok());
  EXPECT_EQ(1U, Open().entries().size());
  EXPECT_TRUE(Same(Entry(2), Open().entries().begin()->second));
}

TEST_F(SpoolTest, HasOneReportForATaskAndWindow) {
  Spool spool = Open();
  ASSERT_TRUE(spool.Put(Entry(1)).ok());
  SpoolEntry other = Entry(1);
  other.upload[0] ^= 1;
  EXPECT_EQ(StatusCode::kAlreadyExists, spool.Put(other).code());
  EXPECT_TRUE(Same(Entry(1), Open().entries().begin()->second));
}

TEST_F(SpoolTest, TakesNoMoreThanItHasRoomFor) {
  Spool spool = Open();
  for (std::uint16_t i = 0; i < Spool::kMaxReports; ++i) {
    ASSERT_TRUE(spool.Put(Entry(i)).ok());
  }
  EXPECT_EQ(StatusCode::kResourceExhausted, spool.Put(Entry(1000)).code());
  EXPECT_EQ(Spool::kMaxReports, Open().entries().size());
}

TEST_F(SpoolTest, WhatIsNoReportIsRemoved) {
  ASSERT_TRUE(Open().Put(Entry(1)).ok());
  const auto folder = dir_.path() / "spool";
  ASSERT_TRUE(DurableWrite(fs_, folder / "junk.report", AsBytes("junk")).ok());
  ASSERT_TRUE(DurableWrite(fs_, folder / "ab.report", EncodeSpoolEntry(Entry(9))).ok());
  EXPECT_EQ(1U, Open().entries().size());
  EXPECT_EQ(1U, ReadSpool(folder).size());
}

class SpoolPowerCut : public testing::TestWithParam<CutMode> {};

// A cut at call `cut_at` of a life in which three reports come and one goes. False: not cut.
bool LiveThroughACut(CutMode mode, std::uint64_t cut_at) {
  const TempDir dir;
  PowerCutFs fs(dir.path(), cut_at, mode);
  std::size_t put = 0;
  bool removed = false;
  if (auto spool = Spool::Open(fs, dir.path() / "spool"); spool.ok()) {
    for (std::uint16_t i = 1; i <= 3; ++i) {
      put += spool->Put(Entry(i)).ok() ? 1 : 0;
    }
    removed = spool->Remove(Entry(1).id).ok();
  }
  fs.Restore();
  OsDurableFs disk;
  const auto after = Spool::Open(disk, dir.path() / "spool");
  EXPECT_TRUE(after.ok());
  for (const auto& [id, entry] : after->entries()) {
    EXPECT_TRUE(Same(entry, Entry(id[0])));  // whole, or not at all
  }
  if (removed || (put > 0 && put < 3)) {  // else it was being removed
    EXPECT_EQ(!removed, after->entries().contains(Entry(1).id));
  }
  for (std::size_t i = 2; i <= put; ++i) {
    EXPECT_TRUE(after->entries().contains(Entry(static_cast<std::uint16_t>(i)).id)) << i;
  }
  return fs.was_cut();
}

TEST_P(SpoolPowerCut, AtAnyCallLeavesWholeReportsAlone) {
  std::uint64_t cut_at = 1;
  while (LiveThroughACut(GetParam(), cut_at)) {
    if (HasFailure()) {
      FAIL() << "cut at call " << cut_at;
    }
    ++cut_at;
  }
  EXPECT_GT(cut_at, 15U);
}

INSTANTIATE_TEST_SUITE_P(Modes, SpoolPowerCut,
                         testing::Values(CutMode::kKill, CutMode::kPower, CutMode::kTorn));

}  // namespace
}  // namespace flotilla::agent

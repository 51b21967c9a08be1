#include "agent/health/release_memory.h"

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/health/health_fleet.h"

namespace flotilla::agent {
namespace {

ReleaseMemory SomeMemory() {
  schema::ReleaseHealth health;
  health.requests = 1234;
  health.ttft_p50 = 3;
  health.request_p95 = 21;
  health.crashes = 2;
  health.outcomes = 60;
  health.solved = 50;
  ReleaseMemory memory;
  memory["fan"] = {ReleaseOf(1), Digest(), {{absl::Hours(1), std::nullopt, health}}};
  memory["pump"] = {ReleaseOf(2),
                    ReleaseOf(3),
                    {{absl::Hours(1), health, std::nullopt}, {absl::Hours(168), health, health}}};
  return memory;
}

TEST(ReleaseMemory, ReadsBackWhatWasWritten) {
  const Bytes bytes = EncodeReleaseMemory(SomeMemory());
  const StatusOr<ReleaseMemory> read = DecodeReleaseMemory(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(bytes, EncodeReleaseMemory(*read));
  EXPECT_EQ(21U, read->at("pump").windows.at(1).last->request_p95);
  EXPECT_EQ(std::nullopt, read->at("pump").windows.at(0).last);
  EXPECT_EQ(ReleaseOf(3), read->at("pump").gave_up);
}

TEST(ReleaseMemory, RefusesEveryDamagedByte) {
  const Bytes bytes = EncodeReleaseMemory(SomeMemory());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= 0x10;
    EXPECT_EQ(StatusCode::kDataLoss, DecodeReleaseMemory(damaged).status().code()) << i;
    EXPECT_EQ(StatusCode::kDataLoss, DecodeReleaseMemory(ByteView(bytes).first(i)).status().code());
  }
}

TEST(ReleaseMemory, ADamagedOrMissingFileIsNoMemory) {
  const TempDir dir;
  OsDurableFs fs;
  const auto file = dir.path() / "releases";
  EXPECT_TRUE(LoadReleaseMemory(file).empty());
  ASSERT_TRUE(DurableWrite(fs, file, EncodeReleaseMemory(SomeMemory())).ok());
  EXPECT_EQ(2U, LoadReleaseMemory(file).size());
  ASSERT_TRUE(DurableWrite(fs, file, AsBytes("something else")).ok());
  EXPECT_TRUE(LoadReleaseMemory(file).empty());
}

}  // namespace
}  // namespace flotilla::agent

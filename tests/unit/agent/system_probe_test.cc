#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/condition/device_condition.h"
#include "agent/condition/os_system_probe.h"
#include "agent/engine/memory_fit.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMib = std::uint64_t{1} << 20;

TEST(OsSystemProbe, ReadsKibibytesOfMeminfo) {
  const std::string text = "MemTotal:        2048 kB\nMemFree:  1 kB\nMemAvailable:    1024 kB\n";
  EXPECT_EQ(MemInfoBytes(text, "MemAvailable"), 1024U * 1024U);
  EXPECT_EQ(MemInfoBytes(text, "SwapTotal"), 0U);
}

TEST(OsSystemProbe, NamesTheFeaturesThatEnginesNeed) {
  EXPECT_EQ(KnownCpuFeatures("flags\t\t: fpu avx avx2 f16c nx\n"),
            (std::vector<std::string>{"avx2", "f16c"}));
  EXPECT_EQ(KnownCpuFeatures("Features\t: fp asimd asimddp\n"),
            (std::vector<std::string>{"neon", "dotprod"}));
  EXPECT_TRUE(KnownCpuFeatures("").empty());
}

TEST(OsSystemProbe, DescribesThisMachine) {
  const OsSystemProbe probe("/");
  EXPECT_FALSE(probe.Arch().empty());
  EXPECT_GT(probe.MemoryBytes(), probe.MemoryAvailableBytes());
  EXPECT_GT(probe.Disk().capacity_bytes, 0U);
}

TEST(DeviceCondition, BandsTheDisk) {
  const Time now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(MakeCondition({}, {1000 * kMib, 500 * kMib, false}, now).disk(), v1::DISK_BAND_AMPLE);
  EXPECT_EQ(MakeCondition({}, {1000 * kMib, 100 * kMib, false}, now).disk(), v1::DISK_BAND_LOW);
  EXPECT_EQ(MakeCondition({}, {1000 * kMib, 10 * kMib, false}, now).disk(), v1::DISK_BAND_CRITICAL);
}

TEST(MemoryFit, AsksTheSystemAndTheBudget) {
  EXPECT_TRUE(FitsIntoMemory(100 * kMib, {200 * kMib, 0}));
  EXPECT_FALSE(FitsIntoMemory(100 * kMib, {150 * kMib, 0}));
  EXPECT_FALSE(FitsIntoMemory(100 * kMib, {4000 * kMib, 300 * kMib}));
}

}  // namespace
}  // namespace flotilla::agent

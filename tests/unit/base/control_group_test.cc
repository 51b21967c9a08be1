#include "base/control_group.h"

#include <gtest/gtest.h>

#include "base/os_machine.h"

namespace flotilla {
namespace {

using Paths = std::vector<std::string>;

TEST(ControlGroup, TheOwnGroupComesFirstAndTheRootLast) {
  EXPECT_EQ(ControlGroups("0::/system.slice/flotilla-controller.service\n"),
            (Paths{"/system.slice/flotilla-controller.service", "/system.slice", ""}));
  EXPECT_EQ(ControlGroups("0::/\n"), Paths{""});
}

TEST(ControlGroup, IsFoundAmongThoseOfTheFirstVersion) {
  EXPECT_EQ(ControlGroups("12:cpu,cpuacct:/docker/1\n1:name=systemd:/a\n0::/b"), (Paths{"/b", ""}));
  EXPECT_TRUE(ControlGroups("12:cpu,cpuacct:/docker/1\n").empty());
  EXPECT_TRUE(ControlGroups("").empty());
}

TEST(ControlGroup, AQuotaIsSoManyCoresTime) {
  EXPECT_DOUBLE_EQ(CoresOfCpuMax("150000 100000\n").value_or(0), 1.5);
  EXPECT_DOUBLE_EQ(CoresOfCpuMax("20000 100000").value_or(0), 0.2);
}

TEST(ControlGroup, WhatIsNoQuotaLimitsNothing) {
  for (const char* text : {"max 100000\n", "", "150000", "150000 0\n", "-1 100000", "x y"}) {
    EXPECT_FALSE(CoresOfCpuMax(text).has_value()) << text;
  }
  EXPECT_FALSE(BytesOfMemoryMax("max\n").has_value());
  EXPECT_FALSE(BytesOfMemoryMax("").has_value());
}

TEST(ControlGroup, TakesAMemoryLimitInBytes) {
  EXPECT_EQ(BytesOfMemoryMax("4294967296\n").value_or(0), 4'294'967'296U);
}

TEST(ControlGroup, CoresAreRoundedDownButNeverToNone) {
  EXPECT_EQ(WholeCores(8, std::nullopt), 8U);
  EXPECT_EQ(WholeCores(8, 2.9), 2U);
  EXPECT_EQ(WholeCores(8, 0.2), 1U);
  EXPECT_EQ(WholeCores(2, 16.0), 2U);
  EXPECT_EQ(WholeCores(0, std::nullopt), 1U);
}

TEST(ControlGroup, ThisMachineHasACoreAndMemory) {
  EXPECT_GE(CoresOfMachine(), 1U);
  EXPECT_GT(MemoryOfMachine(), 1'000'000U);
}

}  // namespace
}  // namespace flotilla

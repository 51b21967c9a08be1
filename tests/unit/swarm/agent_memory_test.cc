#include "tests/swarm/agents/agent_memory.h"

#include <unistd.h>

#include <gtest/gtest.h>

namespace flotilla::swarm {
namespace {

TEST(AgentMemory, IsReadFromTheKernelsSums) {
  const auto memory = ParseSmapsRollup(
      "55d0c8a00000-7ffd4b1ff000 ---p 00000000 00:00 0    [rollup]\n"
      "Rss:               19664 kB\nPss:                9120 kB\nShared_Dirty:          0 kB\n"
      "Private_Clean:      1204 kB\nPrivate_Dirty:      2456 kB\nLocked:                0 kB\n");
  ASSERT_TRUE(memory.has_value());
  EXPECT_EQ(memory->resident_kb, 19664U);
  EXPECT_EQ(memory->private_dirty_kb, 2456U);
}

TEST(AgentMemory, IsNotKnownWhenASumIsMissing) {
  EXPECT_FALSE(ParseSmapsRollup("").has_value());
  EXPECT_FALSE(ParseSmapsRollup("Rss: 19664 kB\n").has_value());
  EXPECT_FALSE(ParseSmapsRollup("Rss: many kB\nPrivate_Dirty: 1 kB\n").has_value());
}

TEST(AgentMemory, IsThatOfALivingProcess) {
  const auto own = MemoryOf(::getpid());
  ASSERT_TRUE(own.has_value());
  EXPECT_GT(own->private_dirty_kb, 0U);
  EXPECT_GE(own->resident_kb, own->private_dirty_kb);
}

}  // namespace
}  // namespace flotilla::swarm

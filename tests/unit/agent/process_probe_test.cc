#include <unistd.h>

#include <gtest/gtest.h>

#include "agent/condition/os_process_probe.h"
#include "tests/support/sysfs_tree.h"

namespace flotilla::agent {
namespace {

TEST(OsProcessProbe, ReadsTheResidentSizeOfAProcess) {
  SysfsTree proc;
  proc.Write("42/status", "Name:\tengine\nVmHWM:\t  9000 kB\nVmRSS:\t  1024 kB\nThreads:\t1");
  const OsProcessProbe probe(proc.root(), proc.root());
  EXPECT_EQ(probe.ResidentBytes(42), 1024U * 1024U);
  EXPECT_FALSE(probe.ResidentBytes(43).has_value());
}

TEST(OsProcessProbe, CountsTheKillsOfItsOwnGroup) {
  SysfsTree proc;
  proc.Write("self/cgroup", "0::/system.slice/agent.service");
  proc.Write("vmstat", "nr_free_pages 1\noom_kill 9");
  proc.Write("groups/system.slice/agent.service/memory.events",
             "low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\noom_group_kill 0");
  const OsProcessProbe probe(proc.root(), proc.root() / "groups");
  EXPECT_EQ(probe.OutOfMemoryKills(), 2U);
}

TEST(OsProcessProbe, CountsThoseOfTheMachineWhereItsGroupHasNoCount) {
  SysfsTree proc;
  const OsProcessProbe probe(proc.root(), proc.root() / "groups");
  EXPECT_FALSE(probe.OutOfMemoryKills().has_value());
  proc.Write("vmstat", "nr_free_pages 1\noom_kill 9");
  EXPECT_EQ(probe.OutOfMemoryKills(), 9U);
  proc.Write("self/cgroup", "12:memory:/x\n0::/");
  EXPECT_EQ(probe.OutOfMemoryKills(), 9U);
  proc.Write("vmstat", "oom_kill many");
  EXPECT_FALSE(probe.OutOfMemoryKills().has_value());
}

TEST(OsProcessProbe, KnowsThisProcess) {
  const OsProcessProbe probe("/proc", "/sys/fs/cgroup");
  EXPECT_GT(probe.ResidentBytes(::getpid()).value_or(0), 1U << 20);
}

}  // namespace
}  // namespace flotilla::agent

#include "tests/support/child/process.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace flotilla {
namespace {

class ChildProcess : public testing::Test {
 protected:
  std::unique_ptr<Process> Shell(const std::string& script) {
    auto process = Process::StartWith({"sh", "-c", script}, {Out(), folder_.path() / "err"});
    EXPECT_TRUE(process.ok()) << process.status();
    return *std::move(process);
  }
  std::filesystem::path Out() const { return folder_.path() / "out"; }

  TempDir folder_;
};

TEST_F(ChildProcess, WritesIntoItsFilesAndEndsWithACode) {
  const auto process = Shell("echo said; echo complained >&2; exit 7");
  EXPECT_EQ(process->Wait(absl::Seconds(60)), 7);
  EXPECT_EQ(FileText(Out()), "said\n");
  EXPECT_EQ(FileText(folder_.path() / "err"), "complained\n");
}

TEST_F(ChildProcess, HearsASignalThatItsParentHasBlocked) {
  sigset_t blocked{};
  sigset_t before{};
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto process = Shell("echo ready; exec sleep 600");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(WaitUntil(absl::Seconds(60), [&] { return FileText(Out()) == "ready\n"; }));
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait(absl::Seconds(60)), 128 + SIGTERM);
}

TEST_F(ChildProcess, IsFoundAmongTheChildrenOfItsParentWhileItRuns) {
  const auto process = Shell("echo ready; exec sleep 612");
  ASSERT_TRUE(WaitUntil(absl::Seconds(60), [&] { return FileText(Out()) == "ready\n"; }));
  const auto found = [&] { return ChildrenOf(::getpid(), "612"); };
  EXPECT_EQ(found(), std::vector<pid_t>{process->pid()});
  process->Kill();
  EXPECT_EQ(found(), std::vector<pid_t>{});
  EXPECT_EQ(process->Wait(absl::ZeroDuration()), 128 + SIGKILL);
}

TEST_F(ChildProcess, MayBeOutOfReachOfTheTerminal) {
  const auto near = Shell("echo ready; exec sleep 600");
  ASSERT_TRUE(WaitUntil(absl::Seconds(60), [&] { return FileText(Out()) == "ready\n"; }));
  EXPECT_EQ(::getpgid(near->pid()), ::getpgrp());
  const std::filesystem::path log = folder_.path() / "log";
  const auto away = Process::StartWith({"sh", "-c", "echo ready; exec sleep 600"}, {log, log}, {},
                                       ProcessGroup::kOwn);
  ASSERT_TRUE(away.ok());
  ASSERT_TRUE(WaitUntil(absl::Seconds(60), [&] { return FileText(log) == "ready\n"; }));
  EXPECT_EQ(::getpgid((*away)->pid()), (*away)->pid());
}

TEST_F(ChildProcess, EndsWith127WhenThereIsNoSuchProgram) {
  const auto process = Process::Start({"/no/such/program"}, Out());
  ASSERT_TRUE(process.ok());
  EXPECT_EQ((*process)->Wait(absl::Seconds(60)), 127);
}

}  // namespace
}  // namespace flotilla

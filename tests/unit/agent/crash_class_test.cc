#include "agent/engine/crash_class.h"

#include <signal.h>

#include <gtest/gtest.h>

namespace flotilla::agent {
namespace {

using schema::CrashClass;

EngineEnd Signalled(int signal) {
  EngineEnd end;
  end.exit = {-1, signal, false};
  end.progress = EngineProgress::kLoaded;
  return end;
}

EngineEnd Ended(EngineProgress progress, v1::FailureReason failure) {
  EngineEnd end;
  end.exit = {1, 0, false};
  end.progress = progress;
  end.failure = failure;
  return end;
}

TEST(CrashClass, GoesBySignal) {
  EXPECT_EQ(ClassOf(Signalled(SIGSEGV)), CrashClass::kSegv);
  EXPECT_EQ(ClassOf(Signalled(SIGABRT)), CrashClass::kAbort);
  for (const int signal : {SIGBUS, SIGILL, SIGFPE, SIGSYS, SIGTERM, SIGKILL}) {
    EXPECT_EQ(ClassOf(Signalled(signal)), CrashClass::kOther) << signal;
  }
}

TEST(CrashClass, BelievesTheAgentsOwnKillBeforeTheKernelsCount) {
  EngineEnd end = Signalled(SIGKILL);
  end.memory_kills = MemoryKills::kSome;
  EXPECT_EQ(ClassOf(end), CrashClass::kOomKill);
  end.patience = Patience::kLost;
  EXPECT_EQ(ClassOf(end), CrashClass::kWatchdog);
  end.exit.signal = SIGSEGV;  // it was faster than the kill
  EXPECT_EQ(ClassOf(end), CrashClass::kSegv);
}

TEST(CrashClass, GoesByWhatTheEngineSaidAndHowFarItCame) {
  const auto of = [](EngineProgress progress, v1::FailureReason failure) {
    return ClassOf(Ended(progress, failure));
  };
  EXPECT_EQ(of(EngineProgress::kLoading, v1::FAILURE_REASON_INSTALL_LOAD_FAILED),
            CrashClass::kLoadFail);
  EXPECT_EQ(of(EngineProgress::kLoading, v1::FAILURE_REASON_UNSPECIFIED), CrashClass::kLoadFail);
  EXPECT_EQ(of(EngineProgress::kLoading, v1::FAILURE_REASON_STORAGE_NO_SPACE), CrashClass::kDisk);
  EXPECT_EQ(of(EngineProgress::kLoaded, v1::FAILURE_REASON_STORAGE_IO), CrashClass::kDisk);
  EXPECT_EQ(of(EngineProgress::kLoaded, v1::FAILURE_REASON_UNSPECIFIED), CrashClass::kOther);
}

TEST(CrashClass, OfAFailedStartIsTheDisksWhenTheDiskSaysSo) {
  EXPECT_EQ(ClassOfFailedStart(WithReason(Internal("x"), v1::FAILURE_REASON_STORAGE_IO)),
            CrashClass::kDisk);
  EXPECT_EQ(ClassOfFailedStart(Unavailable("x")), CrashClass::kLoadFail);
}

}  // namespace
}  // namespace flotilla::agent

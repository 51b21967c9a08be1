#include "agent/engine/crash_class.h"

#include <signal.h>

namespace flotilla::agent {
namespace {

using schema::CrashClass;

bool IsOfDisk(int reason) {
  switch (reason) {
    case v1::FAILURE_REASON_STORAGE_NO_SPACE:
    case v1::FAILURE_REASON_STORAGE_IO:
    case v1::FAILURE_REASON_STORAGE_SYNC_FAILED:
    case v1::FAILURE_REASON_STORAGE_READ_ONLY:
      return true;
    default:
      return false;
  }
}

CrashClass OfKill(const EngineEnd& end) {
  if (end.patience == Patience::kLost) {
    return CrashClass::kWatchdog;
  }
  return end.memory_kills == MemoryKills::kSome ? CrashClass::kOomKill : CrashClass::kOther;
}

}  // namespace

schema::CrashClass ClassOf(const EngineEnd& end) {
  switch (end.exit.signal) {
    case 0:
      break;
    case SIGSEGV:
      return CrashClass::kSegv;
    case SIGABRT:
      return CrashClass::kAbort;
    case SIGKILL:
      return OfKill(end);
    default:
      return CrashClass::kOther;
  }
  if (IsOfDisk(end.failure)) {
    return CrashClass::kDisk;
  }
  return end.progress == EngineProgress::kLoading ? CrashClass::kLoadFail : CrashClass::kOther;
}

schema::CrashClass ClassOfFailedStart(const Status& status) {
  return IsOfDisk(ReasonNumber(status)) ? CrashClass::kDisk : CrashClass::kLoadFail;
}

}  // namespace flotilla::agent

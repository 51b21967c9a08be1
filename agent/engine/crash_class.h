#ifndef FLOTILLA_AGENT_ENGINE_CRASH_CLASS_H_
#define FLOTILLA_AGENT_ENGINE_CRASH_CLASS_H_

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/engine/engine_child.h"
#include "base/status.h"
#include "telemetry/schema/verdicts.h"

namespace flotilla::agent {

enum class EngineProgress { kUnspecified = 0, kLoading, kLoaded };
// What the kernel's count of processes that it killed for want of memory did in the engine's last
// second.
enum class MemoryKills { kUnspecified = 0, kNoneOrUnknown, kSome };
// Whether the agent killed it because it did not answer in time.
enum class Patience { kUnspecified = 0, kKept, kLost };

// All that the agent knows of how an engine ended.
struct EngineEnd {
  EngineExit exit;
  EngineProgress progress = EngineProgress::kLoading;
  // From EngineFailed; unspecified: it said nothing.
  v1::FailureReason failure = v1::FAILURE_REASON_UNSPECIFIED;
  MemoryKills memory_kills = MemoryKills::kNoneOrUnknown;
  Patience patience = Patience::kKept;
};

// Of an engine that ended and should not have. SIGKILL is oom-kill when the kernel killed for
// memory at that time, watchdog when the agent sent it, else other: who sent it is not known. A
// full or failing disk is disk, whatever it hindered; what else ends an engine before it is loaded
// is load-fail. A bus error is other: it is a failing disk under a mapped file, or a bug. gpu-reset
// and thermal are never said: nothing here tells them. Pure.
schema::CrashClass ClassOf(const EngineEnd& end);

// Of an engine that could not be started.
schema::CrashClass ClassOfFailedStart(const Status& status);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_CRASH_CLASS_H_

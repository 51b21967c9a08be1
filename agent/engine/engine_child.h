#ifndef FLOTILLA_AGENT_ENGINE_ENGINE_CHILD_H_
#define FLOTILLA_AGENT_ENGINE_ENGINE_CHILD_H_

#include <memory>
#include <span>

#include "flotilla/v1/engine.pb.h"

#include "base/status.h"

namespace flotilla::agent {

// How a child ended.
struct EngineExit {
  int code = 0;    // exit code; -1 when a signal ended it
  int signal = 0;  // 0 when it ended by itself
  // It had closed its channel, did not end in time after that and was killed.
  bool overdue = false;
};

// What a child tells, on the agent's loop, in order; nothing after OnExit.
class EngineChildHandler {
 public:
  virtual ~EngineChildHandler() = default;
  virtual void OnEvent(const v1::EngineEvent& event) = 0;
  virtual void OnExit(const EngineExit& exit) = 0;

 protected:
  EngineChildHandler() = default;
  EngineChildHandler(const EngineChildHandler&) = default;
  EngineChildHandler& operator=(const EngineChildHandler&) = default;
};

// One engine process. Destroyed: killed, if it still runs, and its handler is not called any more.
class EngineChild {
 public:
  virtual ~EngineChild() = default;
  EngineChild(const EngineChild&) = delete;
  EngineChild& operator=(const EngineChild&) = delete;
  // Descriptors are copied. UNAVAILABLE: it is gone; OnExit comes.
  virtual Status Send(const v1::EngineCommand& command, std::span<const int> descriptors) = 0;
  virtual void Kill() = 0;
  virtual int pid() const = 0;

 protected:
  EngineChild() = default;
};

// Port. Real: ProcessLauncher. Fake: FakeEngineLauncher (tests/support).
class EngineLauncher {
 public:
  virtual ~EngineLauncher() = default;
  // `handler` must outlive the child. UNAVAILABLE, RESOURCE_EXHAUSTED: no process could be made.
  virtual StatusOr<std::unique_ptr<EngineChild>> Launch(EngineChildHandler& handler) = 0;

 protected:
  EngineLauncher() = default;
  EngineLauncher(const EngineLauncher&) = default;
  EngineLauncher& operator=(const EngineLauncher&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_ENGINE_CHILD_H_

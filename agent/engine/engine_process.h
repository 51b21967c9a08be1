#ifndef FLOTILLA_AGENT_ENGINE_ENGINE_PROCESS_H_
#define FLOTILLA_AGENT_ENGINE_ENGINE_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <mutex>

#include "agent/engine/engine_child.h"
#include "base/status.h"
#include "engine/api/control_channel.h"

namespace flotilla::agent {

// One running flotilla-engine and the agent's end of its control channel. Killed and reaped by the
// destructor. The thread that starts it must outlive it (the child dies with its parent thread).
class EngineProcess {
 public:
  // The child gets the channel as descriptor 3, the agent's stderr, and nothing else.
  // UNAVAILABLE, RESOURCE_EXHAUSTED, NOT_FOUND (no such program).
  static StatusOr<EngineProcess> Start(const std::filesystem::path& program);
  EngineProcess(EngineProcess&& other) noexcept;
  EngineProcess& operator=(EngineProcess&&) = delete;
  EngineProcess(const EngineProcess&) = delete;
  EngineProcess& operator=(const EngineProcess&) = delete;
  ~EngineProcess();

  const engine::ControlChannel& channel() const { return channel_; }
  pid_t pid() const { return pid_; }
  // Thread-safe; does nothing after Wait.
  void Kill();
  // Waits for the end, at most `patience`, then kills. Once, by one thread.
  EngineExit Wait(Duration patience);

 private:
  EngineProcess(pid_t pid, engine::ControlChannel channel);

  std::mutex mutex_;  // of reaped_ against Kill: a pid is not signalled after it was waited for
  pid_t pid_ = -1;
  bool reaped_ = false;
  engine::ControlChannel channel_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_ENGINE_PROCESS_H_

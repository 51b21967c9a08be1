#ifndef FLOTILLA_AGENT_ENGINE_PROCESS_LAUNCHER_H_
#define FLOTILLA_AGENT_ENGINE_PROCESS_LAUNCHER_H_

#include <filesystem>
#include <memory>

#include "agent/engine/engine_child.h"
#include "base/executor.h"

namespace flotilla::agent {

// EngineLauncher over flotilla-engine processes. Each child has a thread that reads its control
// channel and posts to `loop`, which must outlive the children. Launch on the loop's thread.
class ProcessLauncher final : public EngineLauncher {
 public:
  ProcessLauncher(std::filesystem::path program, Executor& loop);

  StatusOr<std::unique_ptr<EngineChild>> Launch(EngineChildHandler& handler) override;

 private:
  const std::filesystem::path program_;
  Executor& loop_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_PROCESS_LAUNCHER_H_

#ifndef FLOTILLA_AGENT_ENGINE_ENGINE_SUPERVISOR_H_
#define FLOTILLA_AGENT_ENGINE_ENGINE_SUPERVISOR_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "flotilla/v1/session.pb.h"

#include "agent/engine/engine_child.h"
#include "agent/engine/engine_health_tap.h"
#include "agent/engine/engine_sockets.h"
#include "agent/engine/line_machine.h"
#include "agent/engine/safe_mode_answers.h"
#include "agent/update/engine_control.h"
#include "base/clock.h"
#include "base/executor.h"
#include "ota/store.h"

namespace flotilla::agent {

class LineEngines;

// EngineControl over child processes: one LineMachine per line decides, this carries out. A new
// engine loads beside the old one, gets copies of the listening sockets, and only then the old one
// drains; the sockets themselves are never closed. A line in safe mode, or one that was stopped,
// answers 503 on its own socket, and on the endpoint when no other line can serve. Lives on the
// agent's loop; everything passed in must outlive it. Destroyed: all engines are killed.
class EngineSupervisor final : public EngineControl {
 public:
  struct Parts {
    Executor& executor;
    Clock& clock;
    EngineLauncher& launcher;
    EngineSockets& sockets;
    const ota::Store& store;
    LineMachine::FitsBeside fits_beside;
    EngineHealthTap health{};
  };
  EngineSupervisor(const LineMachineOptions& options, Parts parts);
  ~EngineSupervisor() override;
  EngineSupervisor(const EngineSupervisor&) = delete;
  EngineSupervisor& operator=(const EngineSupervisor&) = delete;

  void Run(const std::string& line, const v1::ActiveRecord& active, const TrialTerms& terms,
           EngineListener& listener) override;
  void Stop(const std::string& line, const v1::InstalledRelease& release, StandIn stand_in,
            v1::FailureReason cause, EngineListener& listener) override;
  void EndDraining(const std::string& line, EngineListener& listener) override;
  void EnterSafeMode(const std::string& line, v1::FailureReason cause) override;

  // Ends the line's engines for a while so that a self-test has their memory; `done` is called on
  // the loop when they are gone. Clients wait in the sockets' backlog.
  void Park(const std::string& line, std::function<void()> done);
  void Unpark(const std::string& line);

  // One entry per line, by name.
  v1::Condition EngineConditions() const;

 private:
  LineEngines& Of(const std::string& line);
  // Answers for the lines that refuse.
  void AnswerForRefusing();

  LineMachineOptions options_;
  Parts parts_;
  SafeModeAnswers answers_;
  std::map<std::string, std::unique_ptr<LineEngines>> lines_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_ENGINE_SUPERVISOR_H_

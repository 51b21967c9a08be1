#ifndef FLOTILLA_AGENT_ENGINE_LINE_ENGINES_H_
#define FLOTILLA_AGENT_ENGINE_LINE_ENGINES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agent/engine/engine_supervisor.h"
#include "agent/engine/line_health.h"
#include "agent/engine/line_machine.h"

namespace flotilla::agent {

// The child processes of one line: carries out what its LineMachine decides. EngineSupervisor's.
class LineEngines {
 public:
  // `on_refusal` is called when refuses() changes.
  LineEngines(std::string line, const LineMachineOptions& options, EngineSupervisor::Parts& parts,
              std::function<void()> on_refusal);
  ~LineEngines();
  LineEngines(const LineEngines&) = delete;
  LineEngines& operator=(const LineEngines&) = delete;

  void Run(const v1::ActiveRecord& active, const TrialTerms& terms, EngineListener& listener);
  void Renew();
  void EndDraining(EngineListener& listener);
  void EnterSafeMode(v1::FailureReason cause);
  void Stop(const v1::InstalledRelease& release, StandIn stand_in, v1::FailureReason cause,
            EngineListener& listener);
  void Park(std::function<void()> done);
  void Unpark();
  v1::LineCondition Condition() const;
  // From safe mode or a stop until an engine is about to serve: nobody answers on the line's
  // sockets.
  bool refuses() const { return refuses_; }
  v1::FailureReason cause() const { return machine_.cause(); }

 private:
  class ChildLink;

  void OnEvent(std::uint64_t id, const v1::EngineEvent& event);
  void OnExit(std::uint64_t id, const EngineExit& exit);

  void Carry(const LineActions& actions);
  void Do(const LaunchEngine& action);
  void Do(const HandOverSockets& action);
  void Do(const DrainEngine& action);
  void Do(const KillEngine& action);
  void Do(const TellServing& action);
  void Do(const TellTrialPassed& action);
  void Do(const TellReleaseBad& action);
  void Do(const TellParked& action);
  void Do(const TellStopped& action);
  void Do(const RefuseClients& action);
  Status Launch(const LaunchEngine& action);
  Status HandOver(std::uint64_t id);
  void SetRefusal(bool refuses);
  void ArmTimer();
  void TellCondition();
  void Tell(std::function<void(EngineListener&)> what);
  Duration Now() const { return parts_.clock.Monotonic(); }

  const std::string line_;
  const LineMachineOptions options_;
  EngineSupervisor::Parts& parts_;
  LineMachine machine_;
  LineHealth health_;
  const std::function<void()> on_refusal_;
  bool refuses_ = false;
  EngineListener* listener_ = nullptr;
  std::map<std::uint64_t, std::unique_ptr<ChildLink>> children_;
  std::optional<TimerId> timer_;
  std::function<void()> parked_;
  v1::EngineCondition told_ = v1::ENGINE_CONDITION_UNSPECIFIED;
  // Posted tasks hold it weakly: they do nothing after this object is gone.
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_LINE_ENGINES_H_

#ifndef FLOTILLA_AGENT_UPDATE_ENGINE_CONTROL_H_
#define FLOTILLA_AGENT_UPDATE_ENGINE_CONTROL_H_

#include <cstdint>
#include <string>

#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "base/time.h"

namespace flotilla::agent {

// The trial lasts at least `duration` and until `requests` were served; without so much traffic,
// ten times the duration.
struct TrialTerms {
  Duration duration = absl::Seconds(30);
  std::uint32_t requests = 0;
};

// What clients of a line get while no release of it may answer.
enum class StandIn {
  kUnspecified = 0,
  kWait,          // their connections wait: another release is started next
  kStaticAnswer,  // the fallback answer of the stopped release
  kRefusal,       // 503
};

// What the engines of the lines tell. Called on the agent's loop, never from inside a call of
// EngineControl.
class EngineListener {
 public:
  virtual ~EngineListener() = default;
  // Before each start of a release on trial: counts it durably. An error: do not start; the reason
  // then comes back in OnReleaseBad.
  virtual Status BeforeTrialStart(const std::string& line) = 0;
  // The engine of the line's current release answers clients.
  virtual void OnServing(const std::string& line) = 0;
  virtual void OnTrialPassed(const std::string& line) = 0;
  // The current release cannot be kept running (crash loop, no more attempts). It is not started
  // again before the next Run.
  virtual void OnReleaseBad(const std::string& line, v1::FailureReason reason) = 0;
  // No engine that ran when the line was stopped lives any more: none of them answers anybody.
  virtual void OnStopped(const std::string& line) = 0;
  virtual void OnConditionChanged() = 0;

 protected:
  EngineListener() = default;
  EngineListener(const EngineListener&) = default;
  EngineListener& operator=(const EngineListener&) = default;
};

// Port: keeps for each line an engine of the wanted release serving. Non-blocking; on the agent's
// loop. Real: EngineSupervisor. Fake: FakeEngineControl (tests/support).
class EngineControl {
 public:
  virtual ~EngineControl() = default;
  // From now on the line runs `active.current`, on trial if the record says so. An engine that
  // serves another release goes on until the new one serves.
  virtual void Run(const std::string& line, const v1::ActiveRecord& active, const TrialTerms& terms,
                   EngineListener& listener) = 0;
  // At once no engine of the line answers any more, requests in flight included; then OnStopped,
  // and clients get `stand_in` until the next Run. `release` is the one that is stopped.
  virtual void Stop(const std::string& line, const v1::InstalledRelease& release, StandIn stand_in,
                    v1::FailureReason cause, EngineListener& listener) = 0;
  // Engines of the line that only end what they began are killed; then OnStopped.
  virtual void EndDraining(const std::string& line, EngineListener& listener) = 0;
  // No release of the line can run: its engines end, the sockets stay open.
  virtual void EnterSafeMode(const std::string& line, v1::FailureReason cause) = 0;

 protected:
  EngineControl() = default;
  EngineControl(const EngineControl&) = default;
  EngineControl& operator=(const EngineControl&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_UPDATE_ENGINE_CONTROL_H_

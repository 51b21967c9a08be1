#ifndef FLOTILLA_AGENT_APP_AGENT_H_
#define FLOTILLA_AGENT_APP_AGENT_H_

#include <functional>
#include <memory>

#include "flotilla/config/v1/agent.pb.h"

#include "agent/clock/trust_clock.h"
#include "agent/condition/health_sensors.h"
#include "agent/condition/process_probe.h"
#include "agent/condition/system_probe.h"
#include "agent/engine/engine_child.h"
#include "agent/enrol/enrolment.h"
#include "agent/health/metrics_client.h"
#include "agent/session/session_transport.h"
#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/executor.h"
#include "base/random.h"

namespace flotilla::agent {

// An enrolled device's agent, put together: session, outbox, update director and worker, engines.
// Lives on the loop behind `executor`; construct, start, stop and destroy it on that thread.
class Agent {
 public:
  struct Parts {
    Executor& executor;
    Clock& clock;
    Random& random;
    DurableFs& fs;
    const SystemProbe& probe;
    TrustClock& trust_clock;
    SessionTransport& transport;
    EngineLauncher& launcher;
    EnrolmentClient& enrolment;
    IdentityKeys& keys;
    // Sessions that `transport` opens from now on use this identity.
    std::function<void(const Identity&)> use_identity;
    // The device left the fleet: end the agent, then FinishLeaving.
    std::function<void()> leave;
    HealthSensors& sensors;
    const ProcessProbe& processes;
    // Calls beside `transport`'s session; nullptr: private health is not measured.
    MetricsClient* metrics = nullptr;
  };

  // `identity` without a device id: a device that is not enrolled (yet). It serves what it has and
  // installs from bundles.
  // Opens the state folder, takes the listening sockets, writes <state_dir>/endpoint. Errors say
  // which file or address does not serve.
  static StatusOr<std::unique_ptr<Agent>> Create(const config::v1::AgentConfig& config,
                                                 const Identity& identity, const Parts& parts);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  void Start();
  // Ends the session and work in progress; engines end with the destructor.
  void Stop();

 private:
  struct Impl;
  explicit Agent(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_AGENT_H_

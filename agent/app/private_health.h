#ifndef FLOTILLA_AGENT_APP_PRIVATE_HEALTH_H_
#define FLOTILLA_AGENT_APP_PRIVATE_HEALTH_H_

#include <memory>

#include "flotilla/config/v1/agent.pb.h"

#include "agent/clock/trust_clock.h"
#include "agent/condition/health_sensors.h"
#include "agent/engine/engine_health_sink.h"
#include "agent/health/health_sampler.h"
#include "agent/health/metrics_client.h"
#include "agent/health/reporter.h"
#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/executor.h"
#include "base/random.h"
#include "security/key_file.h"

namespace flotilla::agent {

// Private health as the owner configured it. What goes wrong here is logged and silences the
// device; it never keeps the agent from serving. Lives on the agent's loop.
class PrivateHealth {
 public:
  struct Parts {
    Executor& executor;
    Clock& clock;  // the system's
    TrustClock& trust_clock;
    Random& random;
    DurableFs& fs;
    HealthSensors& sensors;
    MetricsClient* client;  // nullptr: this device is not enrolled, and nothing is measured
  };
  PrivateHealth(const config::v1::AgentConfig& config, const Parts& parts);

  // What engines and updates tell.
  EngineHealthSink& sink() { return sampler_; }
  void Start();
  void OnSessionUp();
  void Stop();

 private:
  Status Assemble(const config::v1::AgentConfig& config);

  const Parts parts_;
  const BestGuessClock guess_;
  HealthSampler sampler_;
  std::unique_ptr<security::KeyPair> key_;
  std::unique_ptr<Reporter> reporter_;  // null: silent
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_PRIVATE_HEALTH_H_

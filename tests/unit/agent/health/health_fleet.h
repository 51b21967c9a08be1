// The other end of private health in memory: leader and helper with their keys, and tasks as a
// controller would ask for them.
#ifndef FLOTILLA_TESTS_UNIT_AGENT_HEALTH_HEALTH_FLEET_H_
#define FLOTILLA_TESTS_UNIT_AGENT_HEALTH_HEALTH_FLEET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "flotilla/v1/metrics.pb.h"

#include "agent/health/task_admission.h"
#include "security/hpke.h"
#include "security/key_file.h"
#include "telemetry/dap/task.h"
#include "telemetry/schema/metric.h"
#include "tests/support/seeded_random.h"

namespace flotilla::agent {

Digest ReleaseOf(std::uint8_t number);

// A task over `looks` windows of `window`, which begin with the one that `from` lies in: noise as
// the device accepts it, batches of 100.
dap::TaskConfiguration TaskOf(schema::MetricId metric, const Digest& release, Duration window,
                              Time from);
// The same as a demonstration: precision of 5 s, Laplace of epsilon 1, four windows.
dap::TaskConfiguration DemoOf(schema::MetricId metric, const Digest& release, Duration window,
                              Time from);

class HealthFleet {
 public:
  explicit HealthFleet(Time now);

  v1::GetHealthTasksResponse Answer(const std::vector<dap::TaskConfiguration>& tasks) const;
  const security::PublicKey& helper_identity() const { return helper_identity_key->public_key(); }
  SealingKeys Keys(Time now) const;

  std::unique_ptr<security::KeyPair> leader_identity_key;
  std::unique_ptr<security::KeyPair> helper_identity_key;
  security::HpkeKeyPair leader_key;
  security::HpkeKeyPair helper_key;
  std::string leader_configs;
  std::string helper_configs;
};

// Everything on, demonstrations answered.
OwnersRules AllowAll();

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_UNIT_AGENT_HEALTH_HEALTH_FLEET_H_

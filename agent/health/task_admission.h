// Which tasks this device answers. The controller asks; the device decides by its own rules, which
// nothing that comes over a connection can loosen.
#ifndef FLOTILLA_AGENT_HEALTH_TASK_ADMISSION_H_
#define FLOTILLA_AGENT_HEALTH_TASK_ADMISSION_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "flotilla/v1/metrics.pb.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/public_key.h"
#include "telemetry/dap/hpke_config.h"
#include "telemetry/dap/task.h"
#include "telemetry/schema/metric_switches.h"

namespace flotilla::agent {

// Of one answer of the controller.
inline constexpr std::size_t kMaxHealthTasks = 64;
inline constexpr std::size_t kMaxTaskConfigurationBytes = 4096;

enum class DemoTasks { kUnspecified = 0, kRefuse, kAnswer };

// What the owner of the device says.
struct OwnersRules {
  schema::MetricSwitches switches = schema::MetricSwitches::AllOff();
  DemoTasks demo = DemoTasks::kRefuse;
};

// A task that this device may answer while it runs the release that the task asks about, or why it
// does not answer, for the person who asks.
struct AdmittedTask {
  std::shared_ptr<const dap::Task> task;  // null: refused before it was understood
  std::string refusal;                    // empty: none
};

// Refused: what does not decode; another schema version, a metric that this schema does not have or
// with other buckets; a metric that the owner switched off; a hardware class (this device knows
// none); endpoints that are not two host:port texts apart; windows that do not follow each other
// from the Unix epoch; a minimum batch below 100; noise weaker than
//   gate_verdict:    discrete Laplace of epsilon 1 at most, two looks
//   other metrics:   discrete Laplace of epsilon 1/2 at most in windows of 30 days, or discrete
//                    Gaussian of sigma 20 at least in windows of 7 days
//   demonstrations:  discrete Laplace of epsilon 1 at most, four looks; and only where the owner
//                    allows them
// and a task that is over. Pure.
AdmittedTask Admit(ByteView configuration, const OwnersRules& rules, Time now);
// All of an answer: the first kMaxHealthTasks, each once.
std::vector<AdmittedTask> AdmitAll(const v1::GetHealthTasksResponse& response,
                                   const OwnersRules& rules, Time now);

// What reports are sealed for.
struct SealingKeys {
  dap::HpkeConfig leader;
  dap::HpkeConfig helper;
  Time expires;  // the earlier of both
};

// The helper's keys are taken with the signature of `helper_identity` alone, which the owner has
// pinned; the leader's with that of the identity told in the same answer, which is as good as the
// connection it came over. INVALID_ARGUMENT: malformed, or the leader's identity is not an Ed25519
// key; else as of VerifyHpkeConfigs; the text says whose keys. Pure.
StatusOr<SealingKeys> TakeSealingKeys(const v1::GetHealthTasksResponse& response,
                                      const security::PublicKey& helper_identity, Time now);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_TASK_ADMISSION_H_

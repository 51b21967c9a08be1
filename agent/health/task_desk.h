#ifndef FLOTILLA_AGENT_HEALTH_TASK_DESK_H_
#define FLOTILLA_AGENT_HEALTH_TASK_DESK_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/health/metrics_client.h"
#include "agent/health/task_admission.h"
#include "base/clock.h"
#include "base/random.h"
#include "security/public_key.h"

namespace flotilla::agent {

struct TaskDeskOptions {
  OwnersRules rules;
  // The helper that the owner has pinned. Without one nobody is asked, and there are no tasks.
  std::optional<security::PublicKey> helper_identity;
  // How often to ask what is wanted; each time up to a tenth sooner or later.
  Duration refresh = absl::Minutes(5);
};

// What the fleet asks of this device, as far as the device lets it: asked anew after each start of
// a session and every few minutes. What was told last holds while nobody can be reached. A gate
// that was taken up holds to its end: of a device that went back the controller asks no more, and
// it is the one that has something to say. Lives on the agent's loop; everything passed in outlives
// it.
class TaskDesk {
 public:
  struct Parts {
    const Clock& clock;  // its wall clock judges tasks and keys
    Random& random;
    MetricsClient& client;
  };
  TaskDesk(const TaskDeskOptions& options, const Parts& parts);

  // Asks when it is time to.
  void OnTick();
  void OnSessionUp();

  // Of the last answer, with those that are refused.
  const std::vector<AdmittedTask>& tasks() const { return tasks_; }
  // nullptr: there are none, or they have expired.
  const SealingKeys* keys() const;
  // Why there are no tasks or keys, a sentence; empty: there are.
  const std::string& trouble() const { return trouble_; }

 private:
  // Gates of the last answer that are neither over nor in `tasks`.
  void KeepGates(Time now, std::vector<AdmittedTask>& tasks) const;
  void OnAnswer(const StatusOr<v1::GetHealthTasksResponse>& answer);

  const TaskDeskOptions options_;
  const Parts parts_;
  std::vector<AdmittedTask> tasks_;
  std::optional<SealingKeys> keys_;
  std::string trouble_;
  std::optional<Duration> next_;  // by the monotonic clock; absent until there was a session
  bool asking_ = false;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_TASK_DESK_H_

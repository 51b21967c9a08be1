#include "agent/health/task_desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/jitter.h"
#include "base/log.h"
#include "telemetry/schema/registry.h"

namespace flotilla::agent {

TaskDesk::TaskDesk(const TaskDeskOptions& options, const Parts& parts)
    : options_(options),
      parts_(parts),
      trouble_(options.helper_identity.has_value()
                   ? "no controller was asked yet"
                   : "the owner has pinned no helper (health.helper_identity)") {}

void TaskDesk::OnSessionUp() {
  next_ = parts_.clock.Monotonic();
}

void TaskDesk::OnTick() {
  const Duration now = parts_.clock.Monotonic();
  if (!options_.helper_identity.has_value() || asking_ || !next_.has_value() || now < *next_) {
    return;
  }
  next_ = now + options_.refresh * 9 / 10 + UniformUpTo(parts_.random, options_.refresh / 5);
  asking_ = true;
  v1::GetHealthTasksRequest request;
  request.set_schema_version(schema::kSchemaVersion);
  parts_.client.GetHealthTasks(request, [this](const auto& answer) { OnAnswer(answer); });
}

void TaskDesk::KeepGates(Time now, std::vector<AdmittedTask>& tasks) const {
  for (const AdmittedTask& held : tasks_) {
    if (held.task == nullptr || !held.refusal.empty() || tasks.size() >= kMaxHealthTasks) {
      continue;
    }
    const auto metric = static_cast<schema::MetricId>(held.task->configuration().cohort.metric);
    const bool there = std::any_of(tasks.begin(), tasks.end(), [&](const AdmittedTask& other) {
      return other.task != nullptr && other.task->id() == held.task->id();
    });
    if (!there && metric == schema::MetricId::kGateVerdict && held.task->WindowAt(now).ok()) {
      tasks.push_back(held);
    }
  }
}

void TaskDesk::OnAnswer(const StatusOr<v1::GetHealthTasksResponse>& answer) {
  asking_ = false;
  if (!answer.ok()) {
    if (!keys_.has_value()) {  // else what was told last holds
      trouble_ = absl::StrCat("the controller did not say: ", MessageOf(answer.status()));
    }
    return;
  }
  const Time now = parts_.clock.Now();
  std::vector<AdmittedTask> tasks = AdmitAll(*answer, options_.rules, now);
  KeepGates(now, tasks);
  tasks_ = std::move(tasks);
  StatusOr<SealingKeys> keys = TakeSealingKeys(*answer, *options_.helper_identity, now);
  if (!keys.ok()) {
    trouble_ = absl::StrCat("keys were refused: ", MessageOf(keys.status()));
    LogStatus(LogLevel::kWarning, "health.keys_refused", keys.status());
    keys_.reset();
    return;
  }
  keys_ = *std::move(keys);
  trouble_.clear();
}

const SealingKeys* TaskDesk::keys() const {
  return keys_.has_value() && parts_.clock.Now() < keys_->expires ? &*keys_ : nullptr;
}

}  // namespace flotilla::agent

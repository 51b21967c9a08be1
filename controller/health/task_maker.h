#ifndef FLOTILLA_CONTROLLER_HEALTH_TASK_MAKER_H_
#define FLOTILLA_CONTROLLER_HEALTH_TASK_MAKER_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "flotilla/v1/health.pb.h"

#include "base/status.h"
#include "controller/health/health_words.h"
#include "controller/health/live_task.h"
#include "controller/health/task_draft.h"
#include "controller/health/window_driver.h"

namespace flotilla::controller {

// Makes a task known: first to the helper, then durably here. When this process dies in between,
// the helper knows one more task that no device ever hears of. Health loop only.
class TaskMaker {
 public:
  using Done = std::function<void(const StatusOr<v1::HealthTask>&)>;

  TaskMaker(const HealthParts& parts, LiveTasks& tasks, TaskEndpoints endpoints,
            HelperOperator helper)
      : parts_(parts),
        tasks_(tasks),
        endpoints_(std::move(endpoints)),
        helper_(std::move(helper)) {}

  // `done` on the health loop, after the task is durable. Errors as of
  // HealthService.CreateHealthTask.
  void Create(const TaskAsk& ask, Done done);

 private:
  struct Making;

  void CheckHelper(const std::shared_ptr<Making>& making);
  Status DraftFor(const std::shared_ptr<Making>& making);
  void Keep(const std::shared_ptr<Making>& making);
  void Finish(const std::shared_ptr<Making>& making, const Status& status);
  // Counts what is collected of the release; ALREADY_EXISTS: this very thing is.
  Status LookAtOthers(TaskAsk& ask) const;

  const HealthParts parts_;
  LiveTasks& tasks_;
  const TaskEndpoints endpoints_;
  const HelperOperator helper_;
  // What is being made now.
  std::set<std::string> making_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_TASK_MAKER_H_

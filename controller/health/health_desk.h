#ifndef FLOTILLA_CONTROLLER_HEALTH_HEALTH_DESK_H_
#define FLOTILLA_CONTROLLER_HEALTH_HEALTH_DESK_H_

#include <functional>
#include <memory>
#include <string>

#include "flotilla/v1/health.pb.h"
#include "flotilla/v1/metrics.pb.h"

#include "base/backoff.h"
#include "base/bytes.h"
#include "base/status.h"
#include "controller/health/health_board.h"
#include "controller/health/task_maker.h"
#include "controller/health/upload_intake.h"
#include "controller/health/window_driver.h"

namespace flotilla::controller {

struct HealthDeskOptions {
  TaskEndpoints endpoints;
  HelperOperator helper;
};

// The leader of private health as a whole: takes reports, does its part of every window's work with
// the helper, makes tasks, and publishes on a board what everybody may read. After Load it lives on
// its own loop; Upload and Create may be called from any thread, and their callbacks run on that
// loop. Crash: starts again from the stores, which nothing is ahead of.
class HealthDesk {
 public:
  using UploadDone = std::function<void(const StatusOr<v1::UploadResult>&)>;

  // What is given outlives the desk; the loop has ended before the desk is destroyed.
  HealthDesk(const HealthDeskOptions& options, const HealthParts& parts, HealthBoard& board);
  ~HealthDesk() = default;
  HealthDesk(const HealthDesk&) = delete;
  HealthDesk& operator=(const HealthDesk&) = delete;

  // What was stored before; once, before Start. Errors as of the store; DATA_LOSS: it is damaged.
  Status Load();
  void Start();

  // As UploadIntake::Take.
  void Upload(const std::string& device, const Bytes& message, UploadDone done);
  // As TaskMaker::Create.
  void Create(const TaskAsk& ask, TaskMaker::Done done);

 private:
  void Publish();
  // Sealing keys: the leader's own, and the helper's as it signed them.
  void RefreshKeys();
  void TakeHelperKeys(const StatusOr<HelperKeys>& keys);
  void RotateOwnKeys();
  void OnSettled(const HealthWindowKey& window);

  const HealthParts parts_;
  HealthBoard& board_;
  LiveTasks tasks_;
  UploadIntake intake_;
  WindowDriver driver_;
  TaskMaker maker_;
  Backoff helper_backoff_;
  Bytes helper_configs_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_HEALTH_DESK_H_

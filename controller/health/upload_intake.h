#ifndef FLOTILLA_CONTROLLER_HEALTH_UPLOAD_INTAKE_H_
#define FLOTILLA_CONTROLLER_HEALTH_UPLOAD_INTAKE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "flotilla/v1/metrics.pb.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "controller/health/health_store.h"
#include "controller/health/live_task.h"

namespace flotilla::controller {

// New reports of one device for one window that are taken: an honest device has one, and sends that
// one again when it heard no answer. What a device sends beyond is the helper's to refuse, but not
// the leader's disk's to keep.
inline constexpr std::uint32_t kUploadsOfADevice = 4;

// Takes reports. What a device has sent is counted in memory alone and forgotten with the window;
// nothing that is stored says which device a report is from. Health loop only.
class UploadIntake {
 public:
  // What is given outlives it.
  UploadIntake(LiveTasks& tasks, HealthStore& store, const Clock& clock)
      : tasks_(tasks), store_(store), clock_(clock) {}

  // `message`: a task id, then a report; TAKEN when it is durable here. INVALID_ARGUMENT: not of
  // exactly the task's size, malformed, or sealed for a key that is not the leader's;
  // RESOURCE_EXHAUSTED: too many of this device. TRY_AGAIN when the store is away.
  StatusOr<v1::UploadResult> Take(const std::string& device, ByteView message);
  // A window has the reports of a whole job since this was asked last.
  bool TakeFull() { return std::exchange(full_, false); }
  // No report of the window is taken any more.
  void Forget(const HealthWindowKey& window) { counted_.erase(window); }

 private:
  StatusOr<v1::UploadResult> Store(const std::string& device, LiveTask& task, ByteView report);

  LiveTasks& tasks_;
  HealthStore& store_;
  const Clock& clock_;
  bool full_ = false;
  std::map<HealthWindowKey, std::map<std::string, std::uint32_t>> counted_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_UPLOAD_INTAKE_H_

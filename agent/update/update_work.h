#ifndef FLOTILLA_AGENT_UPDATE_UPDATE_WORK_H_
#define FLOTILLA_AGENT_UPDATE_UPDATE_WORK_H_

#include <cstdint>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "ota/line_slots.h"
#include "ota/update_runner.h"

namespace flotilla::agent {

// What the worker tells, on the agent's loop, in order.
class UpdateWorkHandler {
 public:
  virtual ~UpdateWorkHandler() = default;
  virtual void OnProgress(v1::DeploymentState state, std::uint64_t bytes_fetched) = 0;
  // The end of the work that Start began: once, also after Cancel.
  virtual void OnPrepared(const StatusOr<ota::PrepareResult>& result,
                          const ota::PrepareTrace& trace) = 0;

 protected:
  UpdateWorkHandler() = default;
  UpdateWorkHandler(const UpdateWorkHandler&) = default;
  UpdateWorkHandler& operator=(const UpdateWorkHandler&) = default;
};

// Port: the blocking part of an update, one at a time, away from the loop. Real: UpdateWorker.
// Fake: FakeUpdateWork (tests/support).
class UpdateWork {
 public:
  virtual ~UpdateWork() = default;
  // `slots` and `handler` must live until OnPrepared was called.
  virtual void Start(const v1::Assignment& assignment, ota::LineSlots& slots,
                     UpdateWorkHandler& handler) = 0;
  // Asks the work to end soon: CANCELLED, unless it was done already.
  virtual void Cancel() = 0;
  // Later, when nothing else runs: removes from the store what no line refers to.
  virtual void CollectGarbage() = 0;

 protected:
  UpdateWork() = default;
  UpdateWork(const UpdateWork&) = default;
  UpdateWork& operator=(const UpdateWork&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_UPDATE_UPDATE_WORK_H_

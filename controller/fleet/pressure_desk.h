#ifndef FLOTILLA_CONTROLLER_FLEET_PRESSURE_DESK_H_
#define FLOTILLA_CONTROLLER_FLEET_PRESSURE_DESK_H_

#include "base/executor.h"
#include "controller/fleet/backpressure.h"
#include "controller/session/read_gate.h"
#include "controller/storage/commit_queue.h"

namespace flotilla::controller {

// Looks at the store's queue a few times a second and opens or closes the sessions' gate. A change
// of level is a line of the log. Fleet loop only; everything given outlives it.
class PressureDesk {
 public:
  PressureDesk(const CommitQueue& commits, Backpressure& pressure, ReadGate& reads, Executor& loop)
      : commits_(commits), pressure_(pressure), reads_(reads), loop_(loop) {}

  void Start();

 private:
  void Look();

  const CommitQueue& commits_;
  Backpressure& pressure_;
  ReadGate& reads_;
  Executor& loop_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_PRESSURE_DESK_H_

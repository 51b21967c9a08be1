#ifndef FLOTILLA_CONTROLLER_APP_REPLICA_APP_H_
#define FLOTILLA_CONTROLLER_APP_REPLICA_APP_H_

#include <memory>

#include "base/status.h"
#include "controller/app/app_options.h"
#include "controller/app/leader_core.h"
#include "controller/app/replica_view.h"

namespace flotilla::controller {

// One of several controllers of a fleet: a front for devices at all times, and the leader when
// nobody else is (docs/replicas.md). One thread calls it.
class ReplicaApp {
 public:
  // What is given outlives the app.
  ReplicaApp(const AppOptions& options, const ReplicaMachine& machine, const ReplicaShared& shared);
  ~ReplicaApp();
  ReplicaApp(const ReplicaApp&) = delete;
  ReplicaApp& operator=(const ReplicaApp&) = delete;

  // Opens the listeners of the front, then writes listeners-<name>.json; serves once somebody
  // leads. NOT_FOUND: "flotilla-controller init" has not been run; UNAVAILABLE: a port is taken.
  Status Start();
  // Takes the lead if nobody has it, and gives it up when it is lost. To be called several times a
  // second. An error: this process is of no use.
  Status Turn();
  // Gives up the lead, tells devices to come back, and closes. Blocking.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_REPLICA_APP_H_

#ifndef FLOTILLA_CONTROLLER_APP_CONTROLLER_APP_H_
#define FLOTILLA_CONTROLLER_APP_CONTROLLER_APP_H_

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/app/app_options.h"
#include "controller/app/listeners_file.h"
#include "controller/bootstrap/authority_store.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// The world of a controller; outlives it. Both loops run, each on its own thread.
struct AppWorld {
  FleetStore& store;
  // The fleet's; never blocks.
  Executor& loop;
  // For work on the disk.
  Executor& worker;
  Clock& clock;
  Random& random;
  DurableFs& fs;
  // Opens the key of the CA when it lies elsewhere than in the state folder.
  OpenKey open_key;
  // Keys changed on disk: end this app and start a new one. From any thread.
  std::function<void()> restart;
  // An entry of the audit log is durable. On the fleet's loop; empty: nobody is told.
  std::function<void()> audited = nullptr;
  // Sessions have ended: gives back the memory that this thread freed. On several threads; empty:
  // it stays for the next sessions.
  std::function<void()> on_quiet = nullptr;
};

enum class StopMode {
  kUnspecified = 0,
  kDrain,   // sessions are told to come back, what waits is written
  kAtOnce,  // somebody else owns the database by now
};

// A whole controller: fleet, enrolment, catalogue, and every listener. As the leader of several
// replicas (options.replica) it takes sessions from them, and writes no listeners.json.
class ControllerApp {
 public:
  // `failed` is called on the fleet loop when the store is lost: stop and start again.
  ControllerApp(const AppOptions& options, const AppWorld& world,
                std::function<void(const Status&)> failed);
  // Both loops have ended.
  ~ControllerApp();
  ControllerApp(const ControllerApp&) = delete;
  ControllerApp& operator=(const ControllerApp&) = delete;

  // Loads what was committed, opens every listener, then writes listeners.json. Call once; after an
  // error the loops have to end.
  // Errors: NOT_FOUND: "flotilla-controller init" has not been run; UNAVAILABLE: a port is taken.
  Status Start();
  // Takes no new device and closes the sessions over a while (AppOptions::drain_limit at most);
  // `done` runs on the fleet loop when they are closed, at the latest during Stop. Not on a loop.
  void Drain(std::function<void()> done);
  // Closes the sessions that are left and the listeners. Blocking; not on a loop.
  void Stop(StopMode mode = StopMode::kDrain);
  // By name, as in listeners.json. After Start.
  const ListenerPorts& ports() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_CONTROLLER_APP_H_

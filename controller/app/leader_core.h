#ifndef FLOTILLA_CONTROLLER_APP_LEADER_CORE_H_
#define FLOTILLA_CONTROLLER_APP_LEADER_CORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/loop_thread.h"
#include "base/random.h"
#include "base/status.h"
#include "controller/app/app_options.h"
#include "controller/app/controller_app.h"
#include "controller/bootstrap/authority_store.h"
#include "controller/replica/leadership.h"

namespace flotilla::controller {

// What a replica is given; outlives it.
struct ReplicaMachine {
  Clock& clock;
  Random& random;
  DurableFs& fs;
  OpenKey open_key;
  // As AppWorld's, both.
  std::function<void()> restart;
  std::function<void()> on_quiet;
};

// The whole controller of the replica that leads, on the listeners for the other replicas, for the
// length of one term. One thread.
class LeaderCore {
 public:
  // Serves when it returns. `audited`: as AppWorld's. ControllerApp::Start's errors.
  static StatusOr<std::unique_ptr<LeaderCore>> Start(const AppOptions& options,
                                                     const ReplicaMachine& machine, LeaderTerm term,
                                                     std::function<void()> audited);
  // Stops at once, if it was not stopped before.
  ~LeaderCore();
  LeaderCore(const LeaderCore&) = delete;
  LeaderCore& operator=(const LeaderCore&) = delete;

  std::uint64_t epoch() const { return term_.epoch; }
  // Where it is reached.
  Leader Address() const;
  // A commit failed for good: this term is over.
  bool lost() const { return lost_; }
  // Gives the lead back.
  void Stop(StopMode mode);

 private:
  LeaderCore(const AppOptions& options, const ReplicaMachine& machine, LeaderTerm term,
             std::function<void()> audited);

  const AppOptions options_;
  LeaderTerm term_;
  std::atomic<bool> lost_ = false;
  LoopThread loop_;
  LoopThread worker_;
  std::unique_ptr<ControllerApp> app_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_LEADER_CORE_H_

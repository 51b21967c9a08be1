#ifndef FLOTILLA_CONTROLLER_RPC_FRONT_DESK_H_
#define FLOTILLA_CONTROLLER_RPC_FRONT_DESK_H_

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/replica/session_memory.h"
#include "controller/rpc/leader_channel.h"
#include "flotilla/v1/session.pb.h"

namespace flotilla::controller {

class FrontSession;

// The sessions of a front, and what they have in common. Its loop only, but where it says so.
class FrontDesk {
 public:
  // What is given outlives the desk.
  FrontDesk(const ReplicaCredentials& credentials, Executor& loop, const Clock& clock,
            Random& random);

  Executor& loop() { return loop_; }
  const Clock& clock() const { return clock_; }
  const ArtifactUrls& urls() const { return urls_; }
  // Told in Welcome from now on. Thread-safe.
  void SetUrls(const ArtifactUrls& urls);
  // Thread-safe.
  const LeaderChannel& leader() const { return leader_; }
  // Somebody else leads, or nobody (empty): every session goes there. Thread-safe.
  void Point(const std::string& address);

  void Add(FrontSession& session) { sessions_.insert(&session); }
  void Remove(FrontSession& session) { sessions_.erase(&session); }
  // How long a session waits before it is opened at the next leader: so that all of a front's come
  // over some time.
  Duration RedialDelay() const;
  // Tells every device to come back over `spread`, and ends the sessions.
  void Drain(Duration spread);

  // Thread-safe: calls at the leader that have begun and not ended.
  void OnCallBegun();
  void OnCallEnded();
  // Returns when none is left. Not on the loop, which has to run.
  void AwaitCalls();

 private:
  LeaderChannel leader_;
  Executor& loop_;
  const Clock& clock_;
  Random& random_;
  ArtifactUrls urls_;
  std::unordered_set<FrontSession*> sessions_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t calls_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_FRONT_DESK_H_

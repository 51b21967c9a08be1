#ifndef FLOTILLA_CONTROLLER_SESSION_HEARTBEAT_INBOX_H_
#define FLOTILLA_CONTROLLER_SESSION_HEARTBEAT_INBOX_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/time.h"
#include "controller/session/device_session.h"

namespace flotilla::controller {

struct Heartbeat {
  std::string device_id;
  std::shared_ptr<const DeviceSession> session;
};

// Heartbeats on their way from the transport's threads to the fleet loop. All that come within a
// hold are taken in one turn: a turn for each costs more than all else about a heartbeat.
//
// Threads: Put is thread-safe; the rest, and `take`, belong to the loop.
class HeartbeatInbox {
 public:
  using Take = std::function<void(const Heartbeat&)>;

  // Holds a twentieth of the interval that devices keep, at most 250 ms.
  HeartbeatInbox(Duration interval, Executor& loop, Take take);
  ~HeartbeatInbox();
  HeartbeatInbox(const HeartbeatInbox&) = delete;
  HeartbeatInbox& operator=(const HeartbeatInbox&) = delete;

  void Put(Heartbeat heartbeat);

 private:
  void TakeAll();

  const Duration hold_;
  Executor& loop_;
  const Take take_;
  std::mutex mutex_;
  std::vector<Heartbeat> waiting_;
  std::optional<TimerId> timer_;  // while any waits
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_HEARTBEAT_INBOX_H_

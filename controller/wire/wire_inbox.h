#ifndef FLOTILLA_CONTROLLER_WIRE_WIRE_INBOX_H_
#define FLOTILLA_CONTROLLER_WIRE_WIRE_INBOX_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "controller/session/device_call.h"

namespace flotilla::controller {

class WireCall;

// What the user of a call asks for.
struct WireOrder {
  enum class Kind { kUnspecified = 0, kRead, kWrite, kFinish };

  std::shared_ptr<WireCall> call;
  Kind kind = Kind::kUnspecified;
  CallBytes message;
  Status status;
};

// A connection that may begin its handshake.
struct WireArrival {
  UniqueFd fd;
  std::string peer;
};

// What waits for a thread of connections: orders, arrivals, and whether it is to end. A descriptor
// becomes readable only for a thread that sleeps: orders in a row wake it once. Thread-safe, but
// for what is the thread's.
class WireInbox {
 public:
  enum class Ending { kUnspecified = 0, kNot, kGoAway, kCloseAll, kStop };
  struct Batch {
    std::vector<WireOrder> orders;
    std::vector<WireArrival> arrivals;
    Ending ending = Ending::kNot;
  };

  // By errno: no descriptor.
  static StatusOr<std::shared_ptr<WireInbox>> Create();

  void Put(WireOrder order);
  void Put(WireArrival arrival);
  // Of two the later in the list above.
  void Put(Ending ending);

  // The thread's: everything that waits. `may_sleep` true: when there is nothing, the next Put
  // makes the descriptor readable.
  Batch Take(bool may_sleep);
  // The thread's: something else woke it.
  void OnAwake();
  int fd() const { return wake_.get(); }

  // The thread's: every connection was told of the end; calls that came before it have begun.
  void OnGoneAway();
  // The thread's: no call begins any more.
  void OnLast();
  void OnCallBegun();
  void OnCallEnded();
  // Blocks until OnGoneAway and no call is open; false: not within `limit`, which may be infinite.
  bool AwaitNoCalls(Duration limit);
  // Blocks until no call is open, and none begins any more.
  void AwaitLast();

 private:
  explicit WireInbox(UniqueFd wake) : wake_(std::move(wake)) {}
  // Under the mutex.
  void Wake();

  UniqueFd wake_;
  std::mutex mutex_;
  std::condition_variable idle_;
  Batch waiting_;
  bool asleep_ = false;
  bool signalled_ = false;  // the descriptor is readable
  bool gone_away_ = false;
  bool last_ = false;
  std::size_t calls_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_WIRE_INBOX_H_

#ifndef FLOTILLA_CONTROLLER_SESSION_ADMISSION_GATE_H_
#define FLOTILLA_CONTROLLER_SESSION_ADMISSION_GATE_H_

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "controller/session/admission_queue.h"

namespace flotilla::controller {

// The admission queue between the thread that accepts connections and those that open and end
// sessions. Thread-safe.
class AdmissionGate {
 public:
  // Options without zeros. `clock` outlives this.
  AdmissionGate(const AdmissionOptions& options, const Clock& clock)
      : clock_(clock), queue_(options) {}

  // `wake` is called on any thread when a waiting connection may be begun. Set before all else.
  void SetWake(std::function<void()> wake);

  AdmissionQueue::Arrival Arrive(AdmissionQueue::Ticket ticket, const std::string& source,
                                 const std::string& peer);
  AdmissionQueue::Turn Next();
  std::vector<AdmissionQueue::Ticket> Abandon();
  // How long until Next has something to do without another event; infinite: never.
  Duration UntilDue() const;

  // A session opened over the connection of `peer` ("ipv4:10.0.0.7:51234"), and its end.
  void OnSessionOpened(const std::string& peer);
  void OnSessionEnded();
  // Another call came over the connection of `peer`: its handshake is over, though it may never
  // have a session.
  void OnCall(const std::string& peer);
  // The connection of `peer` ended before it had a session. Next may have something to begin.
  void OnHandshakeEnded(const std::string& peer);
  // Its handshake was begun, and nothing ended it yet.
  bool IsUnderWay(const std::string& peer) const;

  AdmissionQueue::Counts counts() const;
  std::size_t waiting() const;
  std::size_t sessions() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  AdmissionQueue queue_;
  std::function<void()> wake_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_ADMISSION_GATE_H_

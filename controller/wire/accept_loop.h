#ifndef FLOTILLA_CONTROLLER_WIRE_ACCEPT_LOOP_H_
#define FLOTILLA_CONTROLLER_WIRE_ACCEPT_LOOP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/status.h"
#include "base/unique_fd.h"
#include "controller/session/admission_gate.h"

namespace flotilla::controller {

// Accepts connections at once and hands each on when the gate lets it begin its TLS handshake; who
// is refused is closed before TLS, which costs a hundredth of a handshake. A handshake that fails,
// or whose peer leaves, gives its place to the next at once. One thread of its own.
class AcceptLoop {
 public:
  // Takes a connected, non-blocking descriptor and its peer ("ipv4:10.0.0.7:51234"), on the loop's
  // thread.
  using HandOver = std::function<void(UniqueFd, const std::string& peer)>;

  // Listens on "address:port" (port 0: a free one); nothing is accepted before Run.
  // INVALID_ARGUMENT: no such address; UNAVAILABLE: the port is taken. `gate` outlives the loop.
  static StatusOr<std::unique_ptr<AcceptLoop>> Listen(const std::string& address,
                                                      AdmissionGate& gate);
  // Stops, and closes who still waits.
  ~AcceptLoop();
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;

  void Run(HandOver hand_over);
  // Nothing is handed over after it has returned. Idempotent.
  void Stop();
  std::uint16_t port() const { return port_; }

 private:
  // A handshake under way, seen through a second descriptor of its connection.
  struct Watched {
    UniqueFd fd;
    std::string peer;
  };

  AcceptLoop(UniqueFd listener, UniqueFd wake, UniqueFd epoll, std::uint16_t port,
             AdmissionGate& gate);
  void Work(const HandOver& hand_over);
  void AcceptAll();
  void TakeTurn(const HandOver& hand_over);
  void Watch(int fd, const std::string& peer);
  // Of a watched connection: its peer left, or the handshake failed.
  void OnEnded(int fd);
  // Stops watching handshakes that are over.
  void ForgetOver();
  int WaitMillis() const;

  UniqueFd listener_;
  UniqueFd wake_;
  UniqueFd epoll_;
  std::uint16_t port_;
  AdmissionGate& gate_;
  std::atomic<bool> stopping_ = false;
  // Loop's thread.
  std::unordered_map<int, std::string> waiting_;  // descriptor, peer
  std::unordered_map<int, Watched> watched_;
  bool out_of_files_ = false;  // accept failed for want of descriptors
  std::thread thread_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_ACCEPT_LOOP_H_

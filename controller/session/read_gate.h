#ifndef FLOTILLA_CONTROLLER_SESSION_READ_GATE_H_
#define FLOTILLA_CONTROLLER_SESSION_READ_GATE_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

namespace flotilla::controller {

// Whether sessions read on. While it is closed they start no read, so that HTTP/2's flow control
// holds the devices and what they have not sent stays with them. open() is thread-safe; the rest is
// for the fleet loop only.
class ReadGate {
 public:
  using ReadOn = std::function<void()>;

  bool open() const { return state_ == State::kOpen; }
  // `read_on` is called when its turn comes after the gate was closed; at most once. Ask open()
  // first: an open gate holds nobody.
  void Hold(ReadOn read_on) { held_.push_back(std::move(read_on)); }
  void Close() { state_ = State::kClosed; }
  // Lets so many go, those that wait longest first; the gate is open when nobody waits any more.
  void Release(std::size_t most);
  std::size_t held() const { return held_.size(); }

 private:
  enum class State { kUnspecified = 0, kOpen, kClosed };

  std::atomic<State> state_ = State::kOpen;
  std::deque<ReadOn> held_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_READ_GATE_H_

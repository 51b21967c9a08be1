#include "controller/session/read_gate.h"

namespace flotilla::controller {

void ReadGate::Release(std::size_t most) {
  for (; most > 0 && !held_.empty(); --most) {
    const ReadOn read_on = std::move(held_.front());
    held_.pop_front();
    read_on();
  }
  if (held_.empty()) {
    state_ = State::kOpen;
  }
}

}  // namespace flotilla::controller

#include "controller/fleet/fleet_drain.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "controller/fleet/proto_time.h"
#include "controller/session/reconnect_pace.h"
#include "controller/session/session_end.h"

namespace flotilla::controller {
namespace {

constexpr Duration kStep = absl::Milliseconds(50);

}  // namespace

FleetDrain::FleetDrain(SessionRegistry& sessions, Executor& loop, const Clock& clock,
                       double handshakes_per_second)
    : sessions_(sessions),
      loop_(loop),
      clock_(clock),
      handshakes_per_second_(handshakes_per_second) {}

void FleetDrain::Start(Duration limit, Done done) {
  dones_.push_back(std::move(done));
  if (started()) {
    window_ = std::min(window_, limit);
    loop_.Cancel(timer_);
    Step();
    return;
  }
  sessions_at_start_ = sessions_.size();
  started_ = clock_.Monotonic();
  window_ = DrainWindow(sessions_at_start_, handshakes_per_second_, limit);
  window_ = window_ < kStep ? absl::ZeroDuration() : window_;
  LogInfo("fleet.drain", {{"sessions", sessions_at_start_}, {"over", DurationText(window_)}});
  v1::Drain drain;
  *drain.mutable_spread() = ToProto(ReconnectSpread(sessions_at_start_, handshakes_per_second_));
  sessions_.TellAll(drain);
  Step();
}

void FleetDrain::Step() {
  const std::size_t due = ClosedBy(sessions_at_start_, clock_.Monotonic() - *started_, window_);
  const Status why = GoesDown();
  if (due < sessions_at_start_ && sessions_.size() > 0) {
    closed_ += sessions_.CloseSome(due - std::min(due, closed_), why);
    timer_ = loop_.PostAfter(kStep, [this] { Step(); });
    return;
  }
  sessions_.CloseSome(sessions_.size(), why);
  for (const Done& done : std::exchange(dones_, {})) {
    done();
  }
}

}  // namespace flotilla::controller

#include "controller/rpc/front_desk.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "controller/fleet/proto_time.h"
#include "controller/rpc/front_session.h"

namespace flotilla::controller {
namespace {

// A leader takes so many Hellos a second from one front with room for the rest of its work.
constexpr double kHellosPerSecond = 1000;
constexpr Duration kLeastSpread = absl::Milliseconds(100);

}  // namespace

FrontDesk::FrontDesk(const ReplicaCredentials& credentials, Executor& loop, const Clock& clock,
                     Random& random)
    : leader_(credentials), loop_(loop), clock_(clock), random_(random) {}

void FrontDesk::SetUrls(const ArtifactUrls& urls) {
  loop_.Post([this, urls] { urls_ = urls; });
}

void FrontDesk::Point(const std::string& address) {
  leader_.Point(address);
  loop_.Post([this] {
    const std::vector<FrontSession*> sessions(sessions_.begin(), sessions_.end());
    for (FrontSession* session : sessions) {
      session->OnLeaderChanged();
    }
  });
}

Duration FrontDesk::RedialDelay() const {
  const Duration spread = std::max(
      kLeastSpread, absl::Seconds(static_cast<double>(sessions_.size()) / kHellosPerSecond));
  const auto millis = static_cast<std::uint64_t>(absl::ToInt64Milliseconds(spread));
  return kLeastSpread +
         absl::Milliseconds(static_cast<std::int64_t>(UniformBelow(random_, millis + 1)));
}

void FrontDesk::Drain(Duration spread) {
  v1::Drain drain;
  *drain.mutable_spread() = ToProto(spread);
  const std::vector<FrontSession*> sessions(sessions_.begin(), sessions_.end());
  for (FrontSession* session : sessions) {
    session->Drain(drain);
  }
}

void FrontDesk::OnCallBegun() {
  const std::lock_guard lock(mutex_);
  ++calls_;
}

void FrontDesk::OnCallEnded() {
  const std::lock_guard lock(mutex_);
  --calls_;
  idle_.notify_all();
}

void FrontDesk::AwaitCalls() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return calls_ == 0; });
}

}  // namespace flotilla::controller

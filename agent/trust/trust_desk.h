#ifndef FLOTILLA_AGENT_TRUST_TRUST_DESK_H_
#define FLOTILLA_AGENT_TRUST_TRUST_DESK_H_

#include <functional>
#include <memory>
#include <optional>

#include "flotilla/v1/session.pb.h"

#include "agent/clock/trust_clock.h"
#include "agent/state/state_db.h"
#include "agent/trust/trust_watch.h"
#include "base/executor.h"
#include "base/random.h"

namespace flotilla::agent {

struct TrustDeskOptions {
  Duration stale_after = absl::Hours(24 * 7);
  // Metadata is refreshed so often when nothing else does it.
  Duration refresh_every = absl::Hours(6);
};

// Keeps this device's trust fresh and tells when it is not: refreshes the metadata now and then,
// also while nothing is to be updated, so that a block list or a held-back repository is noticed.
// Lives on the agent's loop; everything passed in must outlive it.
class TrustDesk {
 public:
  struct Parts {
    Executor& executor;
    TrustClock& clock;
    Random& random;
    StateDb& db;
    // Starts a refresh, whose end comes to OnNews.
    std::function<void()> refresh;
    // The condition of the device changed.
    std::function<void()> on_change;
  };
  // Errors: LoadTrustRecord.
  static StatusOr<std::unique_ptr<TrustDesk>> Create(const TrustDeskOptions& options, Parts parts);
  ~TrustDesk();
  TrustDesk(const TrustDesk&) = delete;
  TrustDesk& operator=(const TrustDesk&) = delete;

  void Start();
  // A controller can be reached: the first refresh of a run comes soon.
  void OnWelcome();
  void OnNews(const TrustNews& news);
  void Describe(v1::Condition& condition) const { watch_.Describe(condition); }

 private:
  TrustDesk(const TrustDeskOptions& options, Parts parts, const TrustRecord& saved);
  void Tick();
  void Keep();

  const TrustDeskOptions options_;
  const Parts parts_;
  TrustWatch watch_;
  std::optional<TimerId> timer_;
  // By the monotonic clock; absent until a controller was reached in this run.
  std::optional<Duration> next_refresh_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_TRUST_TRUST_DESK_H_

#ifndef FLOTILLA_AGENT_SILENCE_SILENCE_DESK_H_
#define FLOTILLA_AGENT_SILENCE_SILENCE_DESK_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "flotilla/v1/update.pb.h"

#include "agent/silence/silence.h"
#include "agent/state/state_db.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/status.h"

namespace flotilla::agent {

// Watches how long the controller is silent and says when a release gets too old by that, or is
// not any more. Looks when the next release would be, at most half a minute apart; while a release
// with a max_age runs, the record is written to the disk about once a minute. The agent's loop.
class SilenceDesk {
 public:
  struct Parts {
    Executor& executor;
    // Clock: the time that judges trust (TrustClock).
    const Clock& clock;
    StateDb& db;
    // The releases that lines run now.
    std::function<std::vector<v1::InstalledRelease>()> running;
    // IsTooOld of one of them has changed.
    std::function<void()> on_change;
  };
  // What `parts` refers to must outlive it. A record that cannot be read counts as none, and that
  // is logged.
  explicit SilenceDesk(Parts parts);
  ~SilenceDesk();
  SilenceDesk(const SilenceDesk&) = delete;
  SilenceDesk& operator=(const SilenceDesk&) = delete;

  void Start();
  // The controller said what this device is to run; as long as that session lasts, it is heard.
  void OnHeard();
  void OnSessionDown();
  // A word that came without a session.
  void OnBundle();

  bool IsTooOld(const v1::InstalledRelease& release) const;

 private:
  enum class Link { kDown = 0, kUp };

  void Look();
  void Arm();
  void Save();

  Parts parts_;
  Link link_ = Link::kDown;
  Silence silence_;
  std::optional<Duration> saved_;  // monotonic
  std::vector<bool> told_;
  std::optional<TimerId> timer_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SILENCE_SILENCE_DESK_H_

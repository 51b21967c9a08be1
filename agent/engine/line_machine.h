// The engines of one line as a pure state machine: which child is started, handed the sockets,
// drained, killed, and when a release counts as bad. Times are monotonic.
#ifndef FLOTILLA_AGENT_ENGINE_LINE_MACHINE_H_
#define FLOTILLA_AGENT_ENGINE_LINE_MACHINE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "agent/update/engine_control.h"
#include "base/time.h"

namespace flotilla::agent {

struct LineMachineOptions {
  // So many crashes within the window are a crash loop.
  std::size_t crash_limit = 3;
  Duration crash_window = absl::Seconds(60);
  // First delay before a restart; it doubles with every crash in the window.
  Duration restart_delay = absl::Milliseconds(250);
  // From the start of a child to its being loaded.
  Duration load_timeout = absl::Seconds(180);
  // A serving child that says nothing for so long hangs.
  Duration silence = absl::Seconds(60);
  // What a drained child gets to end its requests; killed this long after.
  Duration drain_grace = absl::Seconds(30);
  Duration drain_kill = absl::Seconds(5);
};

// Why an engine is killed: nobody needs it any more, or it did not do in time what it should.
enum class KillCause { kUnspecified = 0, kNotNeeded, kOverdue };

// Actions, in order. Ids name children and are never used twice.
struct LaunchEngine {
  std::uint64_t id = 0;
  v1::InstalledRelease release;
  bool trial = false;          // count the start first; OnStartRefused when that fails
  bool answers_fixed = false;  // no model: the release's fallback answer
};
struct HandOverSockets {
  std::uint64_t id = 0;
};
struct DrainEngine {
  std::uint64_t id = 0;
};
struct KillEngine {
  std::uint64_t id = 0;
  KillCause cause = KillCause::kNotNeeded;
};
struct TellServing {};
struct TellTrialPassed {};
struct TellReleaseBad {
  v1::FailureReason reason = v1::FAILURE_REASON_UNSPECIFIED;
};
struct TellParked {};
struct TellStopped {};
struct RefuseClients {};
using LineAction =
    std::variant<LaunchEngine, HandOverSockets, DrainEngine, KillEngine, TellServing,
                 TellTrialPassed, TellReleaseBad, TellParked, TellStopped, RefuseClients>;
using LineActions = std::vector<LineAction>;

class LineMachine {
 public:
  // True when a second engine with this release fits into memory now.
  using FitsBeside = std::function<bool(const v1::InstalledRelease&)>;

  LineMachine(const LineMachineOptions& options, FitsBeside fits_beside);

  LineActions Run(const v1::ActiveRecord& active, const TrialTerms& terms, Duration now);
  // Replaces an engine that serves by a new one of the same release: it learns of new siblings.
  LineActions Renew(Duration now);
  LineActions EnterSafeMode(v1::FailureReason cause, Duration now);
  // Kills every engine, draining ones too (TellStopped when they are gone); `release` answers no
  // more, or with its fallback answer alone, until Run.
  LineActions Stop(const v1::InstalledRelease& release, StandIn stand_in, v1::FailureReason cause,
                   Duration now);
  // Kills engines that only end what they began (TellStopped when they are gone).
  LineActions EndDraining();
  // Ends the engines so that their memory is free (TellParked when it is), until Unpark.
  LineActions Park(Duration now);
  LineActions Unpark(Duration now);

  LineActions OnLoaded(std::uint64_t id, Duration now);
  LineActions OnServing(std::uint64_t id, Duration now);
  LineActions OnStats(std::uint64_t id, std::uint64_t requests_total, Duration now);
  // The child said why it ends; its exit follows.
  LineActions OnFailed(std::uint64_t id, v1::FailureReason reason, Duration now);
  LineActions OnExited(std::uint64_t id, Duration now);
  LineActions OnStartRefused(std::uint64_t id, v1::FailureReason reason);
  LineActions OnTick(Duration now);

  // When OnTick has something to do; absent: nothing is awaited.
  std::optional<Duration> Deadline();
  v1::EngineCondition condition() const;
  v1::FailureReason cause() const { return cause_; }

 private:
  enum class ChildState { kUnspecified = 0, kLoading, kHandingOver, kServing, kDraining };
  struct Child {
    ChildState state = ChildState::kUnspecified;
    v1::InstalledRelease release;
    std::uint64_t edition = 0;
    Duration deadline;  // of its state; then it is killed
    std::uint64_t requests = 0;
    bool fixed = false;    // answers the fallback answer
    bool stopped = false;  // killed by Stop; TellStopped waits for its end
    v1::FailureReason failure = v1::FAILURE_REASON_UNSPECIFIED;
  };
  using Children = std::map<std::uint64_t, Child>;

  Children::iterator Find(ChildState state);
  Children::iterator FindNext();
  bool IsWanted(const Child& child) const;
  void Converge(Duration now, LineActions& actions);
  bool DropNext(LineActions& actions);
  bool MakeRoom(Duration now, LineActions& actions);
  void Drain(Children::iterator child, Duration now, LineActions& actions);
  void OnCrash(v1::FailureReason reason, Duration now, LineActions& actions);
  Duration TrialLength();
  void CheckTrial(Duration now, LineActions& actions);
  void TellIfParked(LineActions& actions);
  void TellIfStopped(LineActions& actions);

  LineMachineOptions options_;
  FitsBeside fits_beside_;
  std::optional<v1::InstalledRelease> wanted_;
  std::uint64_t edition_ = 0;  // rises with Renew: older children are not what is wanted
  bool trial_ = false;
  TrialTerms terms_;
  bool bad_ = false;  // the wanted release was given up; wait for Run
  bool safe_mode_ = false;
  bool parked_ = false;
  StandIn stand_in_ = StandIn::kUnspecified;  // since Stop
  bool stop_told_ = true;
  v1::FailureReason cause_ = v1::FAILURE_REASON_UNSPECIFIED;
  Children children_;
  std::uint64_t next_id_ = 1;
  std::deque<Duration> crashes_;
  std::optional<Duration> restart_at_;
  std::optional<Duration> trial_since_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_LINE_MACHINE_H_

// The windows of one line of models: what its engines did, one release at a time.
#ifndef FLOTILLA_AGENT_HEALTH_LINE_HEALTH_H_
#define FLOTILLA_AGENT_HEALTH_LINE_HEALTH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agent/health/kept_windows.h"
#include "agent/health/release_memory.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/task_configuration.h"
#include "telemetry/schema/gate_verdict.h"
#include "telemetry/schema/metric_switches.h"
#include "telemetry/schema/release_health.h"
#include "telemetry/schema/report_moment.h"
#include "telemetry/schema/window.h"

namespace flotilla::agent {

// One window, running or over. A value.
struct LineWindow {
  schema::WindowSpan span;
  // That the window measured: the one that ran last in it, from when it began to run.
  Digest release;
  Digest gave_up;  // the release given up last; zero: none
  schema::Window window;
  // To compare it with: the release before, and this release's own last whole window.
  std::optional<schema::ReleaseHealth> before;
  std::optional<schema::ReleaseHealth> last;
};

// The bucket that the device votes for in a cohort; nullopt: the cohort's release is not the one of
// the window, or the owner switched the metric off. `gate_verdict` of a release that was given up
// is "failed", whatever ran afterwards. On the canary and fleet arms it compares with the release
// before, on the control arm with the same release a window earlier. Pure.
std::optional<std::uint32_t> VoteOf(const LineWindow& window, const dap::Cohort& cohort,
                                    const schema::MetricSwitches& switches);

// Pure: takes the time. Of constant size whatever happens. When another release begins to run, each
// window begins anew with it, up to the same end, and what it said of the release before is kept
// for the verdict; of a release that was given up nothing is kept. A clock that goes back to before
// a window began throws the window away.
class LineHealth {
 public:
  LineHealth() = default;
  // After a restart: windows of `windows` that were begun with the remembered release go on.
  explicit LineHealth(const LineMemory& memory, const LineWindows& windows = {});

  // From now on there are windows of these lengths, at most kMaxWindowLengths, and no others.
  void Measure(const std::set<Duration>& lengths, Time now);
  void OnRelease(const Digest& release, schema::ReleaseFate fate, Time now);
  // Into every window; what is no measurement counts for nothing.
  void Count(Time now, const std::function<Status(schema::Window&)>& event);

  // Ends windows that are over.
  void Roll(Time now);
  // Those that ended since; of one length the newest.
  std::vector<LineWindow> TakeEnded();

  // The window that runs; nullopt: no such length.
  std::optional<LineWindow> Running(Duration length) const;
  const Digest& release() const { return release_; }
  const Digest& gave_up() const { return gave_up_; }
  LineMemory Memory() const;
  // What runs now, of lengths that are kept over a restart.
  LineWindows Windows() const;

 private:
  struct Slot {
    std::optional<schema::WindowSpan> span;  // absent: the time is not one that has windows
    schema::Window window;
    std::optional<schema::ReleaseHealth> before;
    std::optional<schema::ReleaseHealth> last;
    std::optional<LineWindow> ended;
  };

  LineWindow Show(const Slot& slot) const;
  void BeginRelease(const Digest& release);

  Digest release_;
  Digest gave_up_;
  std::map<Duration, Slot> slots_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_LINE_HEALTH_H_

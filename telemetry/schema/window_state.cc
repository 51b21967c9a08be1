// A window as values, and back.
#include "telemetry/schema/window_state.h"

#include <algorithm>
#include <cmath>

#include "telemetry/schema/window.h"

namespace flotilla::schema {
namespace {

// More than any device counts in a window, and few enough that no sum of counts wraps.
constexpr std::uint64_t kMost = std::uint64_t{1} << 48U;
constexpr Duration kLongest = absl::Hours(366 * 24);

bool IsMeasured(const std::optional<double>& value, double least) {
  return !value.has_value() || (std::isfinite(*value) && *value >= least);
}

bool CountsCanBe(const WindowState& state) {
  for (const std::uint64_t count : {state.requests, state.tokens, state.crashes, state.outcomes}) {
    if (count > kMost) {
      return false;
    }
  }
  return state.oom_kills <= state.crashes && state.solved <= state.outcomes &&
         (state.crashes == 0) == (state.worst_crash == CrashClass::kNone) &&
         state.worst_crash >= CrashClass::kNone && state.worst_crash <= CrashClass::kOther;
}

bool ValuesCanBe(const WindowState& state) {
  return IsMeasured(state.memory_percent, 0) && IsMeasured(state.celsius, 0) &&
         IsMeasured(state.joules, 0) && state.throttled >= absl::ZeroDuration() &&
         state.throttled <= state.busy && state.busy <= kLongest;
}

// Edges of memory are multiples of 5 % and belong to the bucket below, those of temperature to the
// one above: what is kept says no more than the bucket does.
constexpr double kEdges = 5;

std::optional<double> UpToEdge(const std::optional<double>& value) {
  constexpr double kLowest = 50;
  constexpr double kOver = 105;
  return value.has_value()
             ? std::optional(std::clamp(std::ceil(*value / kEdges) * kEdges, kLowest, kOver))
             : std::nullopt;
}

std::optional<double> DownToEdge(const std::optional<double>& value) {
  constexpr double kLowest = 40;
  constexpr double kHighest = 90;
  return value.has_value()
             ? std::optional(std::clamp(std::floor(*value / kEdges) * kEdges, kLowest, kHighest))
             : std::nullopt;
}

std::optional<double> Whole(const std::optional<double>& value) {
  return value.has_value() ? std::optional(std::floor(*value)) : std::nullopt;
}

}  // namespace

WindowState Window::State() const {
  return {.ttft = ttft_.counts(),
          .whole = whole_.counts(),
          .decode_tps = decode_tps_.counts(),
          .requests = requests_,
          .tokens = tokens_,
          .memory_percent = UpToEdge(memory_percent_),
          .celsius = DownToEdge(celsius_),
          .joules = Whole(joules_),
          .busy = absl::Trunc(busy_, absl::Seconds(1)),
          .throttled = absl::Trunc(throttled_, absl::Seconds(1)),
          .worst_crash = worst_crash_,
          .crashes = crashes_,
          .oom_kills = oom_kills_,
          .outcomes = outcomes_,
          .solved = solved_};
}

StatusOr<Window> Window::FromState(const WindowState& state) {
  Window window;
  FLOTILLA_ASSIGN_OR_RETURN(window.ttft_, PercentileSketch::FromCounts(state.ttft));
  FLOTILLA_ASSIGN_OR_RETURN(window.whole_, PercentileSketch::FromCounts(state.whole));
  FLOTILLA_ASSIGN_OR_RETURN(window.decode_tps_, PercentileSketch::FromCounts(state.decode_tps));
  if (!CountsCanBe(state) || !ValuesCanBe(state) || window.whole_.total() != state.requests ||
      window.ttft_.total() > state.requests || window.decode_tps_.total() > state.requests) {
    return InvalidArgument("counts that no window has");
  }
  window.requests_ = state.requests;
  window.tokens_ = state.tokens;
  window.memory_percent_ = state.memory_percent;
  window.celsius_ = state.celsius;
  window.joules_ = state.joules;
  window.busy_ = state.busy;
  window.throttled_ = state.throttled;
  window.worst_crash_ = state.worst_crash;
  window.crashes_ = state.crashes;
  window.oom_kills_ = state.oom_kills;
  window.outcomes_ = state.outcomes;
  window.solved_ = state.solved;
  return window;
}

}  // namespace flotilla::schema

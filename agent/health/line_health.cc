#include "agent/health/line_health.h"

#include <utility>

#include "telemetry/schema/verdicts.h"

namespace flotilla::agent {
namespace {

using schema::GateVerdict;
using schema::MetricId;
using schema::ReleaseFate;
using schema::ReleaseHealth;

GateVerdict VerdictOf(const LineWindow& window, dap::Arm arm) {
  const std::optional<ReleaseHealth>& with =
      arm == dap::Arm::kControl ? window.last : window.before;
  if (!with.has_value()) {
    return GateVerdict::kNoData;
  }
  return schema::JudgeRelease(*with, window.window.Health(), ReleaseFate::kServing);
}

// Whether a window that ended says more than the one remembered: an idle night does not wipe out
// what a day has shown.
bool IsBetterMemory(const ReleaseHealth& ended, const std::optional<ReleaseHealth>& remembered) {
  return !remembered.has_value() || ended.requests >= schema::kGateMinRequests ||
         remembered->requests < schema::kGateMinRequests;
}

}  // namespace

std::optional<std::uint32_t> VoteOf(const LineWindow& window, const dap::Cohort& cohort,
                                    const schema::MetricSwitches& switches) {
  const auto metric = static_cast<MetricId>(cohort.metric);
  const bool gave_up = metric == MetricId::kGateVerdict && !cohort.release.IsZero() &&
                       cohort.release == window.gave_up;
  if (cohort.release.IsZero() || (cohort.release != window.release && !gave_up)) {
    return std::nullopt;
  }
  schema::Window judged = window.window;
  judged.OnGateVerdict(gave_up ? GateVerdict::kFailed : VerdictOf(window, cohort.arm));
  for (const schema::Vote& vote : judged.Reduce(switches)) {
    if (vote.metric == metric) {
      return vote.bucket;
    }
  }
  return std::nullopt;
}

LineHealth::LineHealth(const LineMemory& memory, const LineWindows& windows)
    : release_(memory.release), gave_up_(memory.gave_up) {
  for (const WindowMemory& window : memory.windows) {
    Slot& slot = slots_[window.length];
    slot.before = window.before;
    slot.last = window.last;
  }
  for (const KeptWindow& kept : windows.windows) {
    const auto slot = slots_.find(kept.length);
    const StatusOr<schema::WindowSpan> span = schema::WindowAt(kept.start, kept.length);
    if (windows.release == release_ && slot != slots_.end() && span.ok() &&
        span->start == kept.start) {
      slot->second.span = *span;
      slot->second.window = kept.window;
    }
  }
}

void LineHealth::Measure(const std::set<Duration>& lengths, Time now) {
  std::erase_if(slots_, [&](const auto& slot) { return !lengths.contains(slot.first); });
  for (const Duration length : lengths) {
    if (slots_.size() < kMaxWindowLengths) {
      slots_.try_emplace(length);
    }
  }
  Roll(now);
}

void LineHealth::OnRelease(const Digest& release, ReleaseFate fate, Time now) {
  Roll(now);
  if (fate == ReleaseFate::kGaveUp) {
    gave_up_ = release;
  } else if (release != release_) {
    BeginRelease(release);
  }
}

void LineHealth::BeginRelease(const Digest& release) {
  const bool keep = !release_.IsZero() && release_ != gave_up_;
  for (auto& [length, slot] : slots_) {
    if (keep) {
      slot.before = slot.last.has_value() ? slot.last : slot.window.Health();
    }
    slot.last.reset();
    slot.window = schema::Window();
  }
  release_ = release;
  if (release == gave_up_) {
    gave_up_ = Digest();  // it gets another chance
  }
}

void LineHealth::Count(Time now, const std::function<Status(schema::Window&)>& event) {
  Roll(now);
  for (auto& [length, slot] : slots_) {
    event(slot.window).IgnoreError();
  }
}

void LineHealth::Roll(Time now) {
  for (auto& [length, slot] : slots_) {
    const StatusOr<schema::WindowSpan> span = schema::WindowAt(now, length);
    if (!span.ok()) {
      slot.span.reset();
      continue;
    }
    if (slot.span.has_value() && slot.span->start == span->start) {
      continue;
    }
    if (slot.span.has_value() && now >= slot.span->end) {
      slot.ended = Show(slot);
      if (const ReleaseHealth health = slot.window.Health(); IsBetterMemory(health, slot.last)) {
        slot.last = health;
      }
    }
    slot.window = schema::Window();
    slot.span = *span;
  }
}

std::vector<LineWindow> LineHealth::TakeEnded() {
  std::vector<LineWindow> ended;
  for (auto& [length, slot] : slots_) {
    if (slot.ended.has_value()) {
      ended.push_back(*slot.ended);
      slot.ended.reset();
    }
  }
  return ended;
}

LineWindow LineHealth::Show(const Slot& slot) const {
  return {slot.span.value_or(schema::WindowSpan{}),
          release_,
          gave_up_,
          slot.window,
          slot.before,
          slot.last};
}

std::optional<LineWindow> LineHealth::Running(Duration length) const {
  const auto slot = slots_.find(length);
  if (slot == slots_.end() || !slot->second.span.has_value()) {
    return std::nullopt;
  }
  return Show(slot->second);
}

LineWindows LineHealth::Windows() const {
  LineWindows windows{release_, {}};
  for (const auto& [length, slot] : slots_) {
    if (length >= kLeastKeptWindow && slot.span.has_value()) {
      windows.windows.push_back({length, slot.span->start, slot.window});
    }
  }
  return windows;
}

LineMemory LineHealth::Memory() const {
  LineMemory memory{release_, gave_up_, {}};
  for (const auto& [length, slot] : slots_) {
    memory.windows.push_back({length, slot.before, slot.last});
  }
  return memory;
}

}  // namespace flotilla::agent

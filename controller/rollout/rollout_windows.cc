#include "controller/rollout/rollout_windows.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "controller/rollout/hold.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/window_clock.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr int kMaxWindows = 16;
// Openings of one kind after another until all are open together.
constexpr int kMostTries = 1000;

// The windows of one kind together.
struct KindState {
  bool limits = false;
  WindowState state;
};

KindState KindAt(const v1::RolloutSpec& spec, v1::WindowApplies kind, const std::string& zone,
                 Time now) {
  KindState all;
  for (const v1::Window& window : spec.windows()) {
    if (AppliesOf(window) != kind) {
      continue;
    }
    const WindowState one = StateAt(window, zone, now);
    all.limits = true;
    all.state.open = all.state.open || one.open;
    all.state.opens_at = std::min(all.state.opens_at, one.opens_at);
    all.state.changes_at = std::min(all.state.changes_at, one.changes_at);
  }
  return all;
}

bool IsLocal(const v1::RolloutSpec& spec) {
  return std::any_of(spec.windows().begin(), spec.windows().end(),
                     [](const v1::Window& window) { return window.zone() == kDeviceLocal; });
}

void AddZone(RolloutRun& run, const std::string& zone, const Turn& turn) {
  *run.mutable_row().add_zone_windows() = ZoneWindowsAt(run.spec(), zone, turn.now);
  turn.changes.NoteRollout(run);
}

void FillZones(RolloutRun& run, const Turn& turn) {
  std::set<std::string> zones;
  if (IsLocal(run.spec())) {
    turn.fleet.ForEachDevice([&](const v1::Device& device) {
      if (IsServed(device) && run.selector().Matches(device)) {
        zones.insert(ZoneOf(device));
      }
    });
    if (zones.empty()) {
      zones.insert(kUtcZone);
    }
  } else {
    zones.insert("");
  }
  for (const std::string& zone : zones) {
    AddZone(run, zone, turn);
  }
}

bool SameClosed(const v1::ZoneWindows& one, const v1::ZoneWindows& other) {
  return std::equal(one.closed().begin(), one.closed().end(), other.closed().begin(),
                    other.closed().end());
}

// When windows of all these kinds are open.
Time NextOpen(const v1::RolloutSpec& spec, const std::vector<v1::WindowApplies>& kinds,
              const std::string& zone, Time from) {
  Time at = from;
  for (int i = 0; i < kMostTries; ++i) {
    Time next = at;
    for (const v1::WindowApplies kind : kinds) {
      const KindState kept = KindAt(spec, kind, zone, at);
      next = kept.limits && !kept.state.open ? std::max(next, kept.state.opens_at) : next;
    }
    if (next == at || next == absl::InfiniteFuture()) {
      return next;
    }
    at = next;
  }
  return absl::InfiniteFuture();
}

}  // namespace

v1::WindowApplies AppliesOf(const v1::Window& window) {
  return window.applies() == v1::WINDOW_APPLIES_UNSPECIFIED ? v1::WINDOW_APPLIES_ACCEPT
                                                            : window.applies();
}

bool IsClosed(const v1::ZoneWindows& windows, v1::WindowApplies kind) {
  return std::find(windows.closed().begin(), windows.closed().end(), kind) !=
         windows.closed().end();
}

bool OffersClosed(const v1::ZoneWindows& windows) {
  return IsClosed(windows, v1::WINDOW_APPLIES_ACCEPT) ||
         IsClosed(windows, v1::WINDOW_APPLIES_DOWNLOAD);
}

const v1::ZoneWindows* WindowsFor(const RolloutRun& run, const v1::Device& device) {
  const auto& rows = run.row().zone_windows();
  if (rows.empty()) {
    return nullptr;
  }
  if (!IsLocal(run.spec())) {
    return &rows.Get(0);
  }
  const std::string zone = ZoneOf(device);
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const v1::ZoneWindows& row) { return row.zone() == zone; });
  return found == rows.end() ? nullptr : &*found;
}

Status CheckWindows(const v1::RolloutSpec& spec) {
  if (spec.windows_size() > kMaxWindows) {
    return InvalidArgument(absl::StrCat("windows: at most ", kMaxWindows));
  }
  for (int i = 0; i < spec.windows_size(); ++i) {
    const Status checked = CheckWindow(spec.windows(i));
    if (!checked.ok()) {
      return Annotate(checked, absl::StrCat("windows[", i, "]"));
    }
  }
  return OkStatus();
}

v1::ZoneWindows ZoneWindowsAt(const v1::RolloutSpec& spec, const std::string& zone, Time now) {
  v1::ZoneWindows windows;
  windows.set_zone(zone);
  Time opens = absl::InfiniteFuture();
  Time changes = absl::InfiniteFuture();
  for (const v1::WindowApplies kind :
       {v1::WINDOW_APPLIES_ACCEPT, v1::WINDOW_APPLIES_DOWNLOAD, v1::WINDOW_APPLIES_ACTIVATE}) {
    const KindState kept = KindAt(spec, kind, zone, now);
    if (!kept.limits) {
      continue;
    }
    changes = std::min(changes, kept.state.changes_at);
    if (!kept.state.open) {
      windows.add_closed(kind);
      opens = std::min(opens, kept.state.opens_at);
    }
  }
  if (opens != absl::InfiniteFuture()) {
    *windows.mutable_opens_at() = ToWire(opens);
  }
  if (changes != absl::InfiniteFuture()) {
    *windows.mutable_changes_at() = ToWire(changes);
  }
  return windows;
}

Time NextOffer(const v1::RolloutSpec& spec, const std::string& zone, Time from) {
  return NextOpen(spec, {v1::WINDOW_APPLIES_ACCEPT, v1::WINDOW_APPLIES_DOWNLOAD}, zone, from);
}

Time NextActivation(const v1::RolloutSpec& spec, const std::string& zone, Time from) {
  return NextOpen(spec, {v1::WINDOW_APPLIES_ACTIVATE}, zone, from);
}

void UpdateWindows(RolloutRun& run, const Turn& turn) {
  v1::Rollout& row = run.mutable_row();
  if (run.spec().windows().empty()) {
    if (!row.zone_windows().empty()) {
      row.clear_zone_windows();
      ReconsiderHeld(run, turn);
      turn.changes.NoteRollout(run);
    }
    return;
  }
  if (row.zone_windows().empty()) {
    FillZones(run, turn);
    return;
  }
  bool changed = false;
  for (v1::ZoneWindows& windows : *row.mutable_zone_windows()) {
    if (!windows.has_changes_at() || turn.now < FromWire(windows.changes_at())) {
      continue;
    }
    v1::ZoneWindows now = ZoneWindowsAt(run.spec(), windows.zone(), turn.now);
    changed = changed || !SameClosed(windows, now);
    windows = std::move(now);
    turn.changes.NoteRollout(run);
  }
  if (changed) {
    ReconsiderHeld(run, turn);
  }
}

void NoteZone(RolloutRun& run, const v1::Device& device, const Turn& turn) {
  if (!run.row().zone_windows().empty() && WindowsFor(run, device) == nullptr &&
      run.selector().Matches(device)) {
    AddZone(run, ZoneOf(device), turn);
  }
}

bool MayBeOffered(const RolloutRun& run, const v1::Device& device) {
  const v1::ZoneWindows* windows = WindowsFor(run, device);
  return windows == nullptr || !OffersClosed(*windows);
}

bool NobodyMayBeOffered(const RolloutRun& run) {
  const auto& rows = run.row().zone_windows();
  return !rows.empty() && std::all_of(rows.begin(), rows.end(), &OffersClosed);
}

v1::HoldMode WindowHold(const RolloutRun& run, const v1::Device& device,
                        v1::DeploymentState state) {
  const v1::ZoneWindows* windows = WindowsFor(run, device);
  if (windows == nullptr || state >= v1::DEPLOYMENT_STATE_ACTIVATING) {
    return v1::HOLD_MODE_UNSPECIFIED;
  }
  // A device that was told of the release before accepting closed, and has not taken it up.
  const bool stops =
      IsClosed(*windows, v1::WINDOW_APPLIES_DOWNLOAD) ||
      (IsClosed(*windows, v1::WINDOW_APPLIES_ACCEPT) && state < v1::DEPLOYMENT_STATE_ACCEPTED);
  const auto drain = stops ? v1::HOLD_MODE_DRAIN : v1::HOLD_MODE_UNSPECIFIED;
  const auto stay = IsClosed(*windows, v1::WINDOW_APPLIES_ACTIVATE) ? v1::HOLD_MODE_ACTIVATION
                                                                    : v1::HOLD_MODE_UNSPECIFIED;
  return Stronger(drain, stay);
}

v1::HoldMode Stronger(v1::HoldMode one, v1::HoldMode other) {
  if (one == v1::HOLD_MODE_UNSPECIFIED || one == other) {
    return other;
  }
  return other == v1::HOLD_MODE_UNSPECIFIED ? one : v1::HOLD_MODE_FREEZE;
}

}  // namespace flotilla::rollout

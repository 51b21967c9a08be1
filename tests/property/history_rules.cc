// Freezes and pins of a random history.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "controller/rollout/wire_time.h"
#include "tests/property/history_world.h"

namespace flotilla::rollout {

void HistoryWorld::Rule() {
  StatusOr<RolloutChange> change = RolloutChange();
  std::string what;
  switch (Below(4)) {
    case 0: {
      v1::Freeze freeze;
      freeze.set_name(absl::StrCat("f", ++freezes_));
      freeze.set_selector(Often(50) ? "" : "site=site-0");
      *freeze.mutable_from() = ToWire(now_ + absl::Seconds(Below(30)));
      *freeze.mutable_until() = ToWire(now_ + absl::Seconds(31 + Below(600)));
      change = book_.CreateFreeze(freeze, "alice", now_);
      what = absl::StrCat("freeze ", freeze.name(), " of \"", freeze.selector(), "\"");
      break;
    }
    case 1:
      what = absl::StrCat("delete freeze f", freezes_);
      change = book_.DeleteFreeze(absl::StrCat("f", freezes_), now_);
      break;
    case 2: {
      v1::Pin pin;
      pin.set_device_id(AnyDevice());
      pin.mutable_release()->set_line("pump");
      pin.mutable_release()->set_version(Often(50) ? "1.0.0" : "2.0.0");
      what = absl::StrCat("pin ", pin.device_id(), " to ", pin.release().version());
      change = book_.PinDevice(pin, "alice", now_);
      break;
    }
    default: {
      const std::vector<v1::Pin> pins = book_.policies().Pins();
      if (!pins.empty()) {
        const std::string device = pins[Below(static_cast<std::uint32_t>(pins.size()))].device_id();
        what = absl::StrCat("unpin ", device);
        change = book_.UnpinDevice(device, "pump", now_);
      }
      break;
    }
  }
  Note(absl::StrCat(what, ": ", change.status().ToString()));
  Take(change.value_or(RolloutChange()));
}

void HistoryWorld::LiftRules() {
  for (const v1::Freeze& freeze : book_.policies().Freezes()) {
    Take(book_.DeleteFreeze(freeze.name(), now_).value_or(RolloutChange()));
  }
  for (const v1::Pin& pin : book_.policies().Pins()) {
    Take(book_.UnpinDevice(pin.device_id(), "pump", now_).value_or(RolloutChange()));
  }
}

}  // namespace flotilla::rollout

#include "controller/rollout/policies.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

#include "base/strong_id.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr std::size_t kMaxReason = 1024;
constexpr std::size_t kMaxFreezes = 1000;
constexpr std::size_t kMaxPins = 10'000;

bool IsInForce(const v1::Freeze& freeze, Time now) {
  return FromWire(freeze.from()) <= now && now < FromWire(freeze.until());
}

Status CheckReason(const std::string& reason) {
  return reason.size() > kMaxReason ? InvalidArgument("reason: at most 1 KiB") : OkStatus();
}

v1::Policy PolicyOf(const v1::Freeze& freeze) {
  v1::Policy policy;
  *policy.mutable_freeze() = freeze;
  return policy;
}

}  // namespace

std::string KeyOf(const v1::Policy& policy) {
  return policy.has_pin()
             ? absl::StrCat("pin/", policy.pin().device_id(), "/", policy.pin().release().line())
             : absl::StrCat("freeze/", policy.freeze().name());
}

void Policies::Take(const v1::Freeze& row, bool removed) {
  HeldFreeze& held = freezes_[row.name()];
  held.row = row;
  held.removed = removed;
  held.selector = Selector::Parse(row.selector()).value_or(Selector());  // Checked at creation.
}

void Policies::Load(const std::vector<v1::Policy>& rows) {
  freezes_.clear();
  pins_.clear();
  pinned_lines_.clear();
  for (const v1::Policy& row : rows) {
    if (row.has_freeze()) {
      Take(row.freeze(), row.removed());
    } else if (row.has_pin() && !row.removed()) {
      Take(row.pin());
    }
  }
}

StatusOr<v1::Policy> Policies::AddFreeze(v1::Freeze freeze, const std::string& by, Time now) {
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(freeze.name(), "name"));
  FLOTILLA_RETURN_IF_ERROR(CheckReason(freeze.reason()));
  FLOTILLA_RETURN_IF_ERROR(Selector::Parse(freeze.selector()).status());
  if (FromWire(freeze.until()) <= FromWire(freeze.from())) {
    return InvalidArgument("until: must be after from");
  }
  if (FromWire(freeze.until()) <= now) {
    return InvalidArgument("until: is over already");
  }
  if (freezes_.contains(freeze.name())) {
    return AlreadyExists(
        absl::StrCat("freeze ", freeze.name(), " exists; a name is never used again"));
  }
  if (Freezes().size() >= kMaxFreezes) {
    return ResourceExhausted("there are 1,000 freezes: delete such as are over");
  }
  freeze.set_created_by(by);
  *freeze.mutable_created_at() = ToWire(now);
  freeze.set_in_force(IsInForce(freeze, now));
  Take(freeze, false);
  return PolicyOf(freeze);
}

StatusOr<v1::Policy> Policies::RemoveFreeze(const std::string& name) {
  const auto found = freezes_.find(name);
  if (found == freezes_.end() || found->second.removed) {
    return NotFound(absl::StrCat("no freeze ", name));
  }
  found->second.removed = true;
  found->second.row.set_in_force(false);
  v1::Policy policy = PolicyOf(found->second.row);
  policy.set_removed(true);
  return policy;
}

StatusOr<v1::Policy> Policies::AddPin(v1::Pin pin, const std::string& by, Time now) {
  FLOTILLA_RETURN_IF_ERROR(CheckReason(pin.reason()));
  const std::pair key(pin.device_id(), pin.release().line());
  if (pins_.size() >= kMaxPins && !pins_.contains(key)) {
    return ResourceExhausted("10,000 devices are pinned: pins are for exceptions");
  }
  pin.set_created_by(by);
  *pin.mutable_created_at() = ToWire(now);
  Take(pin);
  v1::Policy policy;
  *policy.mutable_pin() = std::move(pin);
  return policy;
}

void Policies::Take(const v1::Pin& pin) {
  const std::string& line = pin.release().line();
  if (pins_.insert_or_assign({pin.device_id(), line}, pin).second) {
    ++pinned_lines_[line];
  }
}

StatusOr<v1::Policy> Policies::RemovePin(const std::string& device_id, const std::string& line) {
  const auto found = pins_.find({device_id, line});
  if (found == pins_.end()) {
    return NotFound(absl::StrCat("device ", device_id, " has no pin for line ", line));
  }
  v1::Policy policy;
  *policy.mutable_pin() = found->second;
  policy.set_removed(true);
  pins_.erase(found);
  if (const auto lines = pinned_lines_.find(line); --lines->second == 0) {
    pinned_lines_.erase(lines);
  }
  return policy;
}

std::vector<v1::Policy> Policies::Advance(Time now) {
  std::vector<v1::Policy> changed;
  for (auto& [name, held] : freezes_) {
    const bool in_force = !held.removed && IsInForce(held.row, now);
    if (held.row.in_force() != in_force) {
      held.row.set_in_force(in_force);
      changed.push_back(PolicyOf(held.row));
    }
  }
  return changed;
}

std::vector<v1::Freeze> Policies::Freezes() const {
  std::vector<v1::Freeze> freezes;
  for (const auto& [name, held] : freezes_) {
    if (!held.removed) {
      freezes.push_back(held.row);
    }
  }
  std::stable_sort(freezes.begin(), freezes.end(), [](const v1::Freeze& a, const v1::Freeze& b) {
    return FromWire(a.from()) < FromWire(b.from());
  });
  return freezes;
}

std::vector<v1::Pin> Policies::Pins() const {
  std::vector<v1::Pin> pins;
  for (const auto& [key, pin] : pins_) {
    pins.push_back(pin);
  }
  return pins;
}

const v1::Freeze* Policies::FindFreeze(const std::string& name) const {
  const auto found = freezes_.find(name);
  return found == freezes_.end() || found->second.removed ? nullptr : &found->second.row;
}

const v1::Pin* Policies::PinOf(const std::string& device_id, const std::string& line) const {
  const auto found = pins_.find({device_id, line});
  return found == pins_.end() ? nullptr : &found->second;
}

const v1::Freeze* Policies::Covering(const std::string& selector) const {
  for (const auto& [name, held] : freezes_) {
    if (held.row.in_force() && (held.selector.matches_all() || held.row.selector() == selector)) {
      return &held.row;
    }
  }
  return nullptr;
}

const v1::Freeze* Policies::Holding(const v1::Device& device) const {
  for (const auto& [name, held] : freezes_) {
    if (held.row.in_force() && (held.selector.matches_all() || held.selector.Matches(device))) {
      return &held.row;
    }
  }
  return nullptr;
}

}  // namespace flotilla::rollout

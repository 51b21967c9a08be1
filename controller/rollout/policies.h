#ifndef FLOTILLA_CONTROLLER_ROLLOUT_POLICIES_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_POLICIES_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/policy.pb.h"

#include "base/status.h"
#include "base/time.h"
#include "controller/rollout/selector.h"

namespace flotilla::rollout {

// "freeze/NAME", "pin/DEVICE/LINE": the key a rule is stored by.
std::string KeyOf(const v1::Policy& policy);

// The rules over all rollouts: freezes and pins. Pure; each change answers the rows to store.
class Policies {
 public:
  void Load(const std::vector<v1::Policy>& rows);

  // `freeze` without what the controller sets. INVALID_ARGUMENT names the field; ALREADY_EXISTS.
  StatusOr<v1::Policy> AddFreeze(v1::Freeze freeze, const std::string& by, Time now);
  // NOT_FOUND.
  StatusOr<v1::Policy> RemoveFreeze(const std::string& name);
  // INVALID_ARGUMENT.
  StatusOr<v1::Policy> AddPin(v1::Pin pin, const std::string& by, Time now);
  // NOT_FOUND.
  StatusOr<v1::Policy> RemovePin(const std::string& device_id, const std::string& line);

  // Freezes begin and end; those that did.
  std::vector<v1::Policy> Advance(Time now);

  // By their begin.
  std::vector<v1::Freeze> Freezes() const;
  // By device, then line.
  std::vector<v1::Pin> Pins() const;
  // Lines that a device is pinned in, with how many pins.
  const std::map<std::string, std::size_t>& pinned_lines() const { return pinned_lines_; }
  // nullptr: none.
  const v1::Freeze* FindFreeze(const std::string& name) const;
  const v1::Pin* PinOf(const std::string& device_id, const std::string& line) const;
  // A freeze in force that matches all that a rollout with this selector does; nullptr: none.
  const v1::Freeze* Covering(const std::string& selector) const;
  // A freeze in force that matches the device; nullptr: none.
  const v1::Freeze* Holding(const v1::Device& device) const;

 private:
  struct HeldFreeze {
    v1::Freeze row;
    Selector selector;
    bool removed = false;
  };
  void Take(const v1::Freeze& row, bool removed);
  void Take(const v1::Pin& pin);

  std::map<std::string, HeldFreeze> freezes_;
  std::map<std::pair<std::string, std::string>, v1::Pin> pins_;
  std::map<std::string, std::size_t> pinned_lines_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_POLICIES_H_

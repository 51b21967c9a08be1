#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SELECTOR_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SELECTOR_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "flotilla/v1/device.pb.h"

namespace flotilla::rollout {

using LabelMap = std::map<std::string, std::string>;

// The labels a selector sees: the owner's (facts), then the operator's over them, then the facts
// "arch" and "hardware" and the id as "device", which no label can change.
LabelMap LabelsOf(const v1::Device& device);

// Which devices: terms joined by ',', all of which must hold.
//   k=v   k==v   k!=v   k in (a,b)   k notin (a,b)   k   !k
// As in Kubernetes, `!=` and `notin` hold for a device without the label. Empty: every device.
class Selector {
 public:
  static constexpr std::size_t kMaxBytes = 1024;

  // INVALID_ARGUMENT names the place.
  static StatusOr<Selector> Parse(std::string_view text);

  // Matches every device.
  Selector() = default;

  bool Matches(const LabelMap& labels) const;
  bool Matches(const v1::Device& device) const;
  bool matches_all() const { return terms_.empty(); }

 private:
  enum class Kind { kIn, kNotIn, kExists, kAbsent };
  struct Term {
    Kind kind = Kind::kExists;
    std::string key;
    std::vector<std::string> values;
  };
  friend class SelectorParser;

  static bool Holds(const Term& term, const LabelMap& labels);

  std::vector<Term> terms_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SELECTOR_H_

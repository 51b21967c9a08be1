#include "controller/fleet/shared_assignments.h"

#include <algorithm>

#include "controller/session/desired_frame.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kLeastSweep = 64;

}  // namespace

std::shared_ptr<const std::string> SharedAssignments::Of(const Digest& digest,
                                                         const v1::DesiredState& desired) {
  std::weak_ptr<const std::string>& known = known_[digest];
  std::shared_ptr<const std::string> bytes = known.lock();
  if (bytes == nullptr) {
    bytes = FrameOf(desired).assignments;
    known = bytes;
  }
  if (known_.size() >= sweep_at_) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max(kLeastSweep, 2 * known_.size());
  }
  return bytes;
}

}  // namespace flotilla::controller

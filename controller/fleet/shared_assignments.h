#ifndef FLOTILLA_CONTROLLER_FLEET_SHARED_ASSIGNMENTS_H_
#define FLOTILLA_CONTROLLER_FLEET_SHARED_ASSIGNMENTS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "base/digest.h"
#include "flotilla/v1/session.pb.h"

namespace flotilla::controller {

// Serialised desired states by their content: made once for all devices that want the same, and
// kept as long as one of them has it on its way. One thread.
class SharedAssignments {
 public:
  // `desired` serialised without its generation; `digest` is of its content.
  std::shared_ptr<const std::string> Of(const Digest& digest, const v1::DesiredState& desired);
  std::size_t size() const { return known_.size(); }

 private:
  std::map<Digest, std::weak_ptr<const std::string>> known_;
  std::size_t sweep_at_ = 64;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_SHARED_ASSIGNMENTS_H_

#include "controller/release/release_change.h"

#include <utility>

#include <google/protobuf/util/message_differencer.h>

namespace flotilla::controller {

FleetChange ReleaseChange(const std::vector<v1::Release>& listed, const FleetState& state) {
  FleetChange change;
  for (const v1::Release& release : listed) {
    const v1::Release* const known =
        state.FindRelease(release.ref().line(), release.ref().version());
    v1::Release now = release;
    if (known != nullptr && known->has_revocation()) {
      *now.mutable_revocation() = known->revocation();
    }
    if (known == nullptr || !google::protobuf::util::MessageDifferencer::Equals(*known, now)) {
      change.releases.push_back(std::move(now));
    }
  }
  return change;
}

}  // namespace flotilla::controller

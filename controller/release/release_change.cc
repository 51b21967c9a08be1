#include "controller/release/release_change.h"

#include <google/protobuf/util/message_differencer.h>

namespace flotilla::controller {

FleetChange ReleaseChange(const std::vector<v1::Release>& listed, const FleetState& state) {
  FleetChange change;
  for (const v1::Release& release : listed) {
    const v1::Release* const known =
        state.FindRelease(release.ref().line(), release.ref().version());
    if (known == nullptr || !google::protobuf::util::MessageDifferencer::Equals(*known, release)) {
      change.releases.push_back(release);
    }
  }
  return change;
}

}  // namespace flotilla::controller

// What a person is about to sign, in words: metadata against what it replaces.
#ifndef FLOTILLA_FLEETCTL_TRUST_METADATA_DIFF_H_
#define FLOTILLA_FLEETCTL_TRUST_METADATA_DIFF_H_

#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "security/tuf/key.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

// The first 12 digits of a key id, by which people name keys to each other.
std::string ShortKeyId(const std::string& id);
// "3f2a9c01b2d4 ed25519"; "... unknown kind" for a key that never counts here.
std::string KeyText(const std::string& id, const tuf::KeyMap& keys);

// One line a fact, "+ " in front of what comes, "- " of what goes, "~ " of what changes, "  " of
// what stays and matters. Every signed field that differs is named, those this build does not know
// too. `before` is null for a first version. `role` is root, targets or a delegated role.
StatusOr<std::vector<std::string>> DiffMetadata(const std::string& role, const tuf::Draft* before,
                                                const tuf::Draft& after, Time now);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_METADATA_DIFF_H_

#ifndef FLOTILLA_FLEETCTL_TRUST_ROOT_EDIT_H_
#define FLOTILLA_FLEETCTL_TRUST_ROOT_EDIT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "fleetctl/trust/stage.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

// Changes of a root as a person names them: "ROLE=VALUE", ROLE being root, targets, snapshot or
// timestamp.
struct RootEdit {
  std::vector<std::string> add_keys;    // ROLE=FILE.pub
  std::vector<std::string> drop_keys;   // ROLE=KEYID, at least 8 digits of it
  std::vector<std::string> thresholds;  // ROLE=N
  std::vector<std::string> set_keys;    // ROLE=FILE.pub[,FILE.pub]: these and no others
};

// "a=b" apart at the first '='. INVALID_ARGUMENT.
StatusOr<std::pair<std::string, std::string>> SplitAssignment(const std::string& text);

// In order: set, add, drop, thresholds; then every role must be able to meet its threshold.
// INVALID_ARGUMENT, NOT_FOUND: the text that is wrong.
Status ApplyRootEdit(const RootEdit& edit, tuf::Draft& root);

// Stages the root that follows the trusted one, its life ending at `expires`, or edits the one that
// is staged already (which drops its signatures). When the targets that are published would not
// hold any more by the new root's keys, a new version of them is staged too, ending at
// `targets_expire`: FAILED_PRECONDITION when the stage does not know them.
Status StageRootEdit(DurableFs& fs, const RootEdit& edit, Time expires, Time targets_expire,
                     Stage& stage);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_ROOT_EDIT_H_

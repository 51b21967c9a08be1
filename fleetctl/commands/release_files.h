// A release's document at the controller: what it consists of, and as a base for the next one.
#ifndef FLOTILLA_FLEETCTL_COMMANDS_RELEASE_FILES_H_
#define FLOTILLA_FLEETCTL_COMMANDS_RELEASE_FILES_H_

#include <string>

#include "base/digest.h"
#include "base/status.h"
#include "fleetctl/cli/cli.h"
#include "fleetctl/release/release_plan.h"
#include "ota/format/release_document.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

// The document with this digest. NOT_FOUND; DATA_LOSS: the controller sent something else.
StatusOr<ota::ReleaseDocument> FetchDocument(const Cli& cli, const Digest& sha256);

// Makes release `base` ("pump-assistant@2.0.0") the base of `spec`: engine and agent versions come
// from it too where `spec` names none. The digest of its document is the one that `role`, the
// line's metadata, lists. INVALID_ARGUMENT: not of that form, or of another line; NOT_FOUND: the
// line has no such release; FAILED_PRECONDITION: the role does not list all of its files any more.
Status TakeBase(const Cli& cli, const tuf::Draft& role, const std::string& base, ReleaseSpec& spec);

// One row for each file of each variant.
void PrintFiles(Cli& cli, const ota::ReleaseDocument& document);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_RELEASE_FILES_H_

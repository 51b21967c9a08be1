#ifndef FLOTILLA_OTA_FORMAT_REQUIREMENTS_H_
#define FLOTILLA_OTA_FORMAT_REQUIREMENTS_H_

#include <string>
#include <vector>

#include "ota/format/release_document.h"

namespace flotilla::ota {

// True for the kinds of files that this agent installs.
bool IsKnownKind(const std::string& kind);

// What the document's files ask of an agent, for its `requires`: the kinds beside the model that
// are not optional, sorted. Pure.
std::vector<std::string> RequirementsOf(const ReleaseDocument& document);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FORMAT_REQUIREMENTS_H_

// Names that metadata chooses and that become paths, URLs and file names.
#ifndef FLOTILLA_SECURITY_TUF_TARGET_PATH_H_
#define FLOTILLA_SECURITY_TUF_TARGET_PATH_H_

#include <string>
#include <string_view>

#include "base/status.h"

namespace flotilla::tuf {

// Percent-encodes all but [A-Za-z0-9_.~-]: '/' too. For role names in URLs and file names.
std::string QuoteSegment(std::string_view text);
// INVALID_ARGUMENT: a '%' without two hex digits.
StatusOr<std::string> UnquoteSegment(std::string_view text);

// What a reader asks of a target path: 1 to 512 bytes, no leading '/', no empty, "." or ".."
// segment, no control byte. INVALID_ARGUMENT with FORM_BAD_PATH.
Status CheckTargetPath(std::string_view path);
// What our own tools write: the same, and [A-Za-z0-9._/-] only.
Status CheckWrittenTargetPath(std::string_view path);

// DATA_LOSS with FORM_SCHEMA unless `name` may be a delegated role: not empty, not one of the four
// top-level roles, at most 200 bytes once quoted.
Status CheckDelegatedName(std::string_view name);

// "dir/name" with each segment quoted; with `prefix`, "dir/PREFIX.name". `path` passed
// CheckTargetPath.
std::string TargetUrlPath(std::string_view path, std::string_view prefix);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_TARGET_PATH_H_

#ifndef FLOTILLA_BASE_OS_OPEN_FILES_H_
#define FLOTILLA_BASE_OS_OPEN_FILES_H_

#include <cstdint>

#include "base/status.h"

namespace flotilla {

// How many files and sockets this process may hold open.
std::uint64_t OpenFileLimit();

// Raises that limit to at least `wanted`, or as near as this process may; gives what it is then.
// RESOURCE_EXHAUSTED, naming the setting that lifts it, when it stays below `wanted`.
StatusOr<std::uint64_t> RaiseOpenFileLimit(std::uint64_t wanted);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_OS_OPEN_FILES_H_

#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_STATE_LOCK_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_STATE_LOCK_H_

#include <filesystem>

#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::telemetry {

// Holds `file` for this process until the descriptor closes: of two aggregators on one state folder
// each would let a device spend its budget. NOT_FOUND: its folder is
// not there; UNAVAILABLE (STORAGE_LOCKED): another process holds it.
StatusOr<UniqueFd> LockState(const std::filesystem::path& file);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_STATE_LOCK_H_

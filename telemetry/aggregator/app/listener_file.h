#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_APP_LISTENER_FILE_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_APP_LISTENER_FILE_H_

#include <cstdint>
#include <string>

#include "base/durable_fs.h"
#include "base/status.h"
#include "telemetry/aggregator/state_layout.h"

namespace flotilla::telemetry {

// <state_dir>/listener.json: {"aggregation": "helper.example:7446"}, for scripts, and for the next
// run on a free port. Errors as of files.
Status WriteListener(const StateLayout& layout, const std::string& endpoint, DurableFs& fs);
// The port of the last run; 0 when there was none.
std::uint16_t ReadListenerPort(const StateLayout& layout);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_APP_LISTENER_FILE_H_

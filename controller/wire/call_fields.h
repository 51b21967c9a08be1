// The header fields of a gRPC call and of its answer ("gRPC over HTTP2").
#ifndef FLOTILLA_CONTROLLER_WIRE_CALL_FIELDS_H_
#define FLOTILLA_CONTROLLER_WIRE_CALL_FIELDS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/time.h"

namespace flotilla::controller {

using HeaderField = std::pair<std::string, std::string>;

// grpc-timeout: up to eight digits and a unit, "30S". Nothing: it is none.
std::optional<Duration> ParseGrpcTimeout(std::string_view value);

// How a call ended: grpc-status, grpc-message (cut at 1 KiB, percent-encoded), and what stands
// beside a status in this project (base/reason_trailer.h, base/retry_after.h).
std::vector<HeaderField> TrailersOf(const Status& status);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_CALL_FIELDS_H_

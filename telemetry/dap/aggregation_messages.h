// What leader and helper exchange to verify reports (draft-ietf-ppm-dap-18 sections 4.5.3.1 and
// 4.5.3.2). One round trip: Prio3 never continues.
#ifndef FLOTILLA_TELEMETRY_DAP_AGGREGATION_MESSAGES_H_
#define FLOTILLA_TELEMETRY_DAP_AGGREGATION_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/report.h"

namespace flotilla::dap {

inline constexpr std::size_t kMaxReportsOfJob = 1024;

// ReportShare and the leader's ping-pong message.
struct VerifyInit {
  ReportMetadata metadata;
  Bytes public_share;
  HpkeCiphertext helper_share;
  Bytes message;  // at least one byte
};

// AggregationJobInitReq. There is one verification key (id 0), no aggregation parameter, and in the
// mode time_interval no extension.
struct AggregationRequest {
  std::vector<VerifyInit> inits;

  // INVALID_ARGUMENT: malformed, no or more than kMaxReportsOfJob reports, or a report id twice.
  static StatusOr<AggregationRequest> Decode(ByteView bytes);
  Bytes Encode() const;
};

struct VerifyResponse {
  ReportId id{};
  ReportError error = ReportError::kNone;
  Bytes message;  // the helper's ping-pong message, when there is no error

  friend bool operator==(const VerifyResponse&, const VerifyResponse&) = default;
};

// AggregationJobResp.
struct AggregationResponse {
  std::vector<VerifyResponse> responses;

  // INVALID_ARGUMENT: malformed, or of a type that Prio3 has no use for.
  static StatusOr<AggregationResponse> Decode(ByteView bytes);
  Bytes Encode() const;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_AGGREGATION_MESSAGES_H_

// The running sum of one window at one aggregator (draft-ietf-ppm-dap-18 section 4.5.4.3).
#ifndef FLOTILLA_TELEMETRY_DAP_BATCH_BUCKET_H_
#define FLOTILLA_TELEMETRY_DAP_BATCH_BUCKET_H_

#include <cstdint>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "telemetry/dap/domain.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::dap {

struct BatchBucket {
  Bytes aggregate;  // this aggregator's share of the sum, without noise
  std::uint64_t count = 0;
  Digest checksum;  // XOR of the SHA-256 of all report ids; zero for none

  friend bool operator==(const BatchBucket&, const BatchBucket&) = default;
};

BatchBucket EmptyBucket(const vdaf::Prio3& prio3);

// Adds a verified report. INVALID_ARGUMENT: no output share of this VDAF; unchanged then.
Status AddReport(const vdaf::Prio3& prio3, const ReportId& report, ByteView output_share,
                 BatchBucket& bucket);

// The checksum with one more report, which is also the checksum without it.
Digest XorReport(const Digest& checksum, const ReportId& report);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_BATCH_BUCKET_H_

#include "telemetry/dap/batch_bucket.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "security/sha256.h"

namespace flotilla::dap {

BatchBucket EmptyBucket(const vdaf::Prio3& prio3) {
  return {.aggregate = prio3.EmptyAggregate(), .count = 0, .checksum = {}};
}

Status AddReport(const vdaf::Prio3& prio3, const ReportId& report, ByteView output_share,
                 BatchBucket& bucket) {
  FLOTILLA_RETURN_IF_ERROR(prio3.AddShare(bucket.aggregate, output_share));
  ++bucket.count;
  bucket.checksum = XorReport(bucket.checksum, report);
  return OkStatus();
}

Digest XorReport(const Digest& checksum, const ReportId& report) {
  const Digest hash = security::Sha256(report);
  std::array<std::uint8_t, Digest::kSize> sum{};
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] = static_cast<std::uint8_t>(checksum.bytes()[i] ^ hash.bytes()[i]);
  }
  return Digest(sum);
}

}  // namespace flotilla::dap

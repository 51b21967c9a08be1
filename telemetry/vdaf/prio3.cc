#include "telemetry/vdaf/prio3.h"

#include <memory>
#include <string>

#include "telemetry/vdaf/count_circuit.h"
#include "telemetry/vdaf/histogram_circuit.h"
#include "telemetry/vdaf/prio3_protocol.h"

namespace flotilla::vdaf {
namespace {

Status CheckShares(std::uint32_t shares) {
  if (shares >= 2 && shares <= 255) return OkStatus();
  return InvalidArgument(std::to_string(shares) + " aggregators: Prio3 works with 2 to 255");
}

}  // namespace

StatusOr<std::unique_ptr<const Prio3>> NewPrio3Count(std::uint32_t shares) {
  FLOTILLA_RETURN_IF_ERROR(CheckShares(shares));
  return std::unique_ptr<const Prio3>(
      std::make_unique<const Prio3Protocol<CountCircuit>>(CountCircuit(), CountCircuit(), shares));
}

StatusOr<std::unique_ptr<const Prio3>> NewPrio3Histogram(const HistogramShape& shape,
                                                         std::uint32_t shares) {
  FLOTILLA_RETURN_IF_ERROR(CheckShares(shares));
  FLOTILLA_RETURN_IF_ERROR(CheckShape(shape));
  return std::unique_ptr<const Prio3>(std::make_unique<const Prio3Protocol<HistogramCircuit>>(
      HistogramCircuit(shape, 1), HistogramCircuit(shape, shares), shares));
}

StatusOr<ShardedMeasurement> Shard(const Prio3& prio3, ByteView context, std::uint32_t measurement,
                                   const Nonce& nonce, Random& random) {
  Bytes randomness(prio3.sizes().randomness);
  random.Fill(randomness);
  return prio3.Shard(context, measurement, nonce, randomness);
}

}  // namespace flotilla::vdaf

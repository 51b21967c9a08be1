// Prio3 of draft-irtf-cfrg-vdaf-18 (-19 and -20 are the same on the wire): a device splits one
// measurement into shares, one for each aggregator; together they verify, without seeing it, that
// it is valid; each adds up its own shares; the sums of all aggregators give the sum of
// measurements.
//
//   device       Shard -> public share, one input share for each aggregator
//   aggregator   VerifyInit(its input share) -> state to keep, verifier share to exchange
//   any of them  VerifierSharesToMessage(all verifier shares) -> message for all, or the report is
//   bad aggregator   VerifyNext(state, message) -> output share; AddShare(its aggregate, output
//   share) collector    Unshard(all aggregate shares) -> counts
//
// For two aggregators, ping_pong.h does the four middle steps. Everything that goes from one party
// to another is the byte string that the draft prescribes. The parameters (algorithm, shape, number
// of shares) are in none of them: `context` must bind them, and the parties must have agreed on it.
#ifndef FLOTILLA_TELEMETRY_VDAF_PRIO3_H_
#define FLOTILLA_TELEMETRY_VDAF_PRIO3_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "telemetry/vdaf/histogram_shape.h"

namespace flotilla::vdaf {

// Public, and different for each report.
using Nonce = std::array<std::uint8_t, 16>;
// Known to the aggregators of a task alone; drawn at random before the first report.
using VerifyKey = std::array<std::uint8_t, 32>;

// Sizes in bytes.
struct Prio3Sizes {
  std::size_t randomness = 0;  // that Shard consumes
  std::size_t public_share = 0;
  std::size_t leader_share = 0;  // input share of aggregator 0
  std::size_t helper_share = 0;  // of every other
  std::size_t verifier_share = 0;
  std::size_t verifier_message = 0;
  std::size_t aggregate_share = 0;  // an output share has the same
};

// What a device sends. An input share is a secret between the device and that aggregator.
struct ShardedMeasurement {
  Bytes public_share;
  std::vector<Bytes> input_shares;
};

// What an aggregator keeps of a report between VerifyInit and VerifyNext. Secret; may be stored.
struct VerifyState {
  Bytes output_share;
  Bytes joint_seed;  // the message that it expects; empty for Prio3Count
};

struct Verification {
  VerifyState state;
  Bytes verifier_share;  // for the other aggregators
};

// One task's parameters. Thread-safe: all members are const and keep nothing.
//
// Errors are INVALID_ARGUMENT: bytes that have the wrong size or encode no field element, an
// aggregator, measurement or context out of range, a proof that does not hold. A report that ends
// so in any step must be dropped by all aggregators, as if it had not come.
class Prio3 {
 public:
  virtual ~Prio3() = default;

  virtual const Prio3Sizes& sizes() const = 0;
  virtual std::uint32_t shares() const = 0;
  // Numbers in an aggregate: 1 or the number of buckets.
  virtual std::size_t output_length() const = 0;

  // `measurement`: 0 or 1 for Count, the bucket's index for Histogram. `randomness`:
  // sizes().randomness bytes, secret, never used twice. The time does not depend on a valid
  // measurement.
  virtual StatusOr<ShardedMeasurement> Shard(ByteView context, std::uint32_t measurement,
                                             const Nonce& nonce, ByteView randomness) const = 0;

  // `aggregator`: 0 is the leader.
  virtual StatusOr<Verification> VerifyInit(const VerifyKey& verify_key, ByteView context,
                                            std::uint32_t aggregator, const Nonce& nonce,
                                            ByteView public_share, ByteView input_share) const = 0;

  // `verifier_shares`: those of all aggregators, by their number.
  virtual StatusOr<Bytes> VerifierSharesToMessage(ByteView context,
                                                  std::span<const Bytes> verifier_shares) const = 0;

  // The output share of this aggregator.
  virtual StatusOr<Bytes> VerifyNext(const VerifyState& state, ByteView message) const = 0;

  // The aggregate share of no report.
  virtual Bytes EmptyAggregate() const = 0;
  // Adds an output share, or another aggregate share of the same aggregator, to `aggregate`, which
  // is unchanged after an error.
  virtual Status AddShare(Bytes& aggregate, ByteView share) const = 0;
  // Adds whole numbers, of either sign, to one aggregator's share, and so to the sum: noise.
  // `numbers`: output_length() of them. `aggregate` is unchanged after an error.
  virtual Status AddNumbers(Bytes& aggregate, std::span<const std::int64_t> numbers) const = 0;

  // The sum of all measurements: output_length() counts. Residues above p/2 are negative numbers,
  // which noise may yield. OUT_OF_RANGE: a count does not fit, so a share is wrong.
  virtual StatusOr<std::vector<std::int64_t>> Unshard(
      std::span<const Bytes> aggregate_shares) const = 0;

 protected:
  Prio3() = default;
  Prio3(const Prio3&) = default;
  Prio3& operator=(const Prio3&) = default;
};

// `shares`: number of aggregators, 2 to 255. INVALID_ARGUMENT: out of range, or see CheckShape.
StatusOr<std::unique_ptr<const Prio3>> NewPrio3Count(std::uint32_t shares);
StatusOr<std::unique_ptr<const Prio3>> NewPrio3Histogram(const HistogramShape& shape,
                                                         std::uint32_t shares);

// Shard with fresh randomness from `random`.
StatusOr<ShardedMeasurement> Shard(const Prio3& prio3, ByteView context, std::uint32_t measurement,
                                   const Nonce& nonce, Random& random);

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_PRIO3_H_

#include "telemetry/vdaf/flp.h"

#include <gtest/gtest.h>

#include "telemetry/vdaf/count_circuit.h"
#include "telemetry/vdaf/field_vector.h"
#include "telemetry/vdaf/histogram_circuit.h"
#include "tests/unit/telemetry/vdaf/schoolbook.h"

namespace flotilla::vdaf {
namespace {

// Proves `measurement` and shows it to `shares` verifiers, who together decide.
template <typename Circuit>
bool Accepted(const Circuit& whole, const Circuit& part, std::size_t shares,
              const std::vector<typename Circuit::Field>& measurement, Random& random) {
  using Field = typename Circuit::Field;
  const Flp<Circuit> prover(whole);
  const Flp<Circuit> verifier(part);
  const auto joint = RandomElements<Field>(random, whole.joint_randomness_length());
  const auto query = RandomElements<Field>(random, verifier.query_randomness_length());
  auto proof = prover.Prove(measurement,
                            RandomElements<Field>(random, prover.prove_randomness_length()), joint);
  EXPECT_EQ(proof.size(), prover.proof_length());

  auto rest = measurement;
  std::vector<Field> sum(verifier.verifier_length());
  for (std::size_t i = 0; i < shares; ++i) {
    const bool last = i + 1 == shares;
    const auto measurement_share = last ? rest : RandomElements<Field>(random, rest.size());
    const auto proof_share = last ? proof : RandomElements<Field>(random, proof.size());
    const auto answer = verifier.Query(measurement_share, proof_share, query, joint);
    EXPECT_TRUE(answer.ok());
    AddInto<Field>(sum, *answer);
    SubtractFrom<Field>(rest, measurement_share);
    SubtractFrom<Field>(proof, proof_share);
  }
  return verifier.Decide(sum);
}

bool CountAccepted(Field64 value) {
  SeededRandom random(1);
  return Accepted(CountCircuit(), CountCircuit(), 2, {value}, random);
}

bool HistogramAccepted(const HistogramShape& shape, std::uint32_t shares,
                       const std::vector<Field128>& measurement) {
  SeededRandom random(2);
  return Accepted(HistogramCircuit(shape, 1), HistogramCircuit(shape, shares), shares, measurement,
                  random);
}

TEST(Flp, ACountIsZeroOrOne) {
  EXPECT_TRUE(CountAccepted(Field64()));
  EXPECT_TRUE(CountAccepted(Field64::FromUint(1)));
  EXPECT_FALSE(CountAccepted(Field64::FromUint(2)));
  EXPECT_FALSE(CountAccepted(Field64() - Field64::FromUint(1)));
}

TEST(Flp, EveryBucketOfEveryShapeIsAccepted) {
  for (std::uint32_t buckets = 1; buckets <= 12; ++buckets) {
    for (std::uint32_t chunk = 1; chunk <= buckets + 1; ++chunk) {
      const HistogramShape shape{.buckets = buckets, .chunk_length = chunk};
      for (std::uint32_t bucket = 0; bucket < buckets; ++bucket) {
        const auto measurement = HistogramCircuit(shape, 1).Encode(bucket);
        ASSERT_TRUE(measurement.ok());
        EXPECT_TRUE(HistogramAccepted(shape, 2, *measurement)) << buckets << ' ' << chunk;
      }
    }
  }
}

TEST(Flp, AnyNumberOfSharesDecidesTheSame) {
  const HistogramShape shape{.buckets = 7, .chunk_length = 3};
  auto measurement = *HistogramCircuit(shape, 1).Encode(4);
  for (const std::uint32_t shares : {1U, 2U, 3U, 7U, 255U}) {
    EXPECT_TRUE(HistogramAccepted(shape, shares, measurement)) << shares;
  }
  measurement[0] = Field128::FromUint(1);
  for (const std::uint32_t shares : {1U, 2U, 3U, 7U}) {
    EXPECT_FALSE(HistogramAccepted(shape, shares, measurement)) << shares;
  }
}

TEST(Flp, AHistogramThatIsNoOneHotVectorIsRefused) {
  const HistogramShape shape{.buckets = 5, .chunk_length = 2};
  const Field128 zero;
  const Field128 one = Field128::FromUint(1);
  const Field128 two = Field128::FromUint(2);
  const Field128 half = Inverse(two);
  const std::vector<Field128> none(5);
  EXPECT_FALSE(HistogramAccepted(shape, 2, none));
  EXPECT_FALSE(HistogramAccepted(shape, 2, {one, zero, one, zero, zero}));
  EXPECT_FALSE(HistogramAccepted(shape, 2, {two, zero, zero, zero, zero}));
  EXPECT_FALSE(HistogramAccepted(shape, 2, {two, zero - one, zero, zero, zero}));  // sum is 1
  EXPECT_FALSE(HistogramAccepted(shape, 2, {half, half, zero, zero, zero}));
  EXPECT_FALSE(HistogramAccepted(shape, 2, {one, one, one, zero - two, zero}));
}

TEST(Flp, ATestPointAmongTheRootsOfUnityIsRefused) {
  const Flp<CountCircuit> flp{CountCircuit()};
  const std::vector<Field64> measurement = {Field64::FromUint(1)};
  const std::vector<Field64> proof(flp.proof_length());
  for (const Field64 point : {Field64::FromUint(1), Field64() - Field64::FromUint(1)}) {
    const auto answer = flp.Query(measurement, proof, std::vector<Field64>{point}, {});
    EXPECT_EQ(answer.status().code(), StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace flotilla::vdaf

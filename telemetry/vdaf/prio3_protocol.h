// Prio3 over one circuit (draft-irtf-cfrg-vdaf-18 section 7.2); callers take prio3.h.
#ifndef FLOTILLA_TELEMETRY_VDAF_PRIO3_PROTOCOL_H_
#define FLOTILLA_TELEMETRY_VDAF_PRIO3_PROTOCOL_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "telemetry/vdaf/aggregate_share.h"
#include "telemetry/vdaf/constant_time.h"
#include "telemetry/vdaf/field_vector.h"
#include "telemetry/vdaf/flp.h"
#include "telemetry/vdaf/prio3.h"
#include "telemetry/vdaf/prio3_derivation.h"
#include "telemetry/vdaf/prio3_shares.h"

namespace flotilla::vdaf {

template <typename Circuit>
class Prio3Protocol final : public Prio3 {
 public:
  using Field = typename Circuit::Field;

  // `whole` is the circuit of a measurement, `part` that of one of `shares` shares of it.
  Prio3Protocol(Circuit whole, Circuit part, std::uint32_t shares)
      : prover_(std::move(whole)), verifier_(std::move(part)), shares_(shares) {
    const std::size_t seed = sizeof(Seed);
    const std::size_t blind = joint_ == JointRandomness::kPresent ? seed : 0;
    sizes_.randomness = shares * (seed + blind);
    sizes_.public_share = shares * blind;
    sizes_.leader_share =
        (measurement_length() + verifier_.proof_length()) * Field::kEncodedSize + blind;
    sizes_.helper_share = seed + blind;
    sizes_.verifier_share = verifier_.verifier_length() * Field::kEncodedSize + blind;
    sizes_.verifier_message = blind;
    sizes_.aggregate_share = measurement_length() * Field::kEncodedSize;
  }

  const Prio3Sizes& sizes() const override { return sizes_; }
  std::uint32_t shares() const override { return shares_; }
  std::size_t output_length() const override { return measurement_length(); }

  StatusOr<ShardedMeasurement> Shard(ByteView context, std::uint32_t measurement,
                                     const Nonce& nonce, ByteView randomness) const override;
  StatusOr<Verification> VerifyInit(const VerifyKey& verify_key, ByteView context,
                                    std::uint32_t aggregator, const Nonce& nonce,
                                    ByteView public_share, ByteView input_share) const override;
  StatusOr<Bytes> VerifierSharesToMessage(ByteView context,
                                          std::span<const Bytes> verifier_shares) const override;
  StatusOr<Bytes> VerifyNext(const VerifyState& state, ByteView message) const override;
  Bytes EmptyAggregate() const override { return Bytes(sizes_.aggregate_share); }
  Status AddShare(Bytes& aggregate, ByteView share) const override {
    return AddEncodedShare<Field>(measurement_length(), share, aggregate);
  }
  Status AddNumbers(Bytes& aggregate, std::span<const std::int64_t> numbers) const override {
    FLOTILLA_RETURN_IF_ERROR(CheckSize(aggregate, numbers.size() * Field::kEncodedSize,
                                       "an aggregate of as many counts as there are numbers"));
    FLOTILLA_RETURN_IF_ERROR(CheckSize(aggregate, sizes_.aggregate_share, "the aggregate"));
    return AddSignedNumbers<Field>(numbers, aggregate);
  }
  StatusOr<std::vector<std::int64_t>> Unshard(
      std::span<const Bytes> aggregate_shares) const override;

 private:
  using Leader = LeaderShare<Field>;

  std::size_t measurement_length() const { return verifier_.circuit().measurement_length(); }
  std::size_t joint_length() const { return verifier_.circuit().joint_randomness_length(); }

  // An input share with the elements that a helper expands from its seed.
  StatusOr<Leader> Expand(const Prio3Derivation& derive, std::uint8_t aggregator,
                          ByteView input_share) const;

  Flp<Circuit> prover_;
  Flp<Circuit> verifier_;
  std::uint32_t shares_;
  JointRandomness joint_ =
      joint_length() > 0 ? JointRandomness::kPresent : JointRandomness::kAbsent;
  Prio3Sizes sizes_;
};

template <typename Circuit>
StatusOr<ShardedMeasurement> Prio3Protocol<Circuit>::Shard(ByteView context,
                                                           std::uint32_t measurement,
                                                           const Nonce& nonce,
                                                           ByteView randomness) const {
  FLOTILLA_RETURN_IF_ERROR(Prio3Derivation::Check(context));
  FLOTILLA_RETURN_IF_ERROR(CheckSize(randomness, sizes_.randomness, "the randomness"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Field> whole, prover_.circuit().Encode(measurement));
  const Prio3Derivation derive(Circuit::kAlgorithmId, context);

  // The randomness is the helpers' shares, then the leader's blind, then the prover's seed.
  ShardedMeasurement sharded;
  sharded.input_shares.resize(shares_);
  Leader leader;
  leader.measurement = whole;
  std::vector<HelperShare> helpers(shares_ - 1);
  Bytes parts(sizes_.public_share);
  const auto put_part = [&](const Seed& part, std::size_t aggregator) {
    std::copy(part.begin(), part.end(),
              parts.begin() + static_cast<std::ptrdiff_t>(aggregator * part.size()));
  };
  for (std::size_t i = 1; i < shares_; ++i) {
    const auto aggregator = static_cast<std::uint8_t>(i);
    const ByteView share = randomness.subspan((i - 1) * sizes_.helper_share, sizes_.helper_share);
    FLOTILLA_ASSIGN_OR_RETURN(helpers[i - 1], HelperShare::Decode(share, joint_));
    sharded.input_shares[i].assign(share.begin(), share.end());
    const std::vector<Field> measurement_share = derive.template MeasurementShare<Field>(
        helpers[i - 1].seed, aggregator, measurement_length());
    SubtractFrom<Field>(leader.measurement, measurement_share);
    if (joint_ == JointRandomness::kPresent) {
      put_part(derive.JointPart(helpers[i - 1].blind, aggregator, nonce,
                                EncodeVector<Field>(measurement_share)),
               i);
    }
  }
  std::vector<Field> joint;
  if (joint_ == JointRandomness::kPresent) {
    leader.blind = SeedAt(randomness, randomness.size() - 2 * sizeof(Seed));
    put_part(derive.JointPart(leader.blind, 0, nonce, EncodeVector<Field>(leader.measurement)), 0);
    joint = derive.template JointRandomness<Field>(derive.JointSeed(parts), joint_length());
  }
  const Seed prove_seed = SeedAt(randomness, randomness.size() - sizeof(Seed));
  leader.proof = prover_.Prove(
      whole, derive.template ProveRandomness<Field>(prove_seed, prover_.prove_randomness_length()),
      joint);
  for (std::size_t i = 1; i < shares_; ++i) {
    SubtractFrom<Field>(leader.proof, derive.template ProofShare<Field>(
                                          helpers[i - 1].seed, static_cast<std::uint8_t>(i),
                                          prover_.proof_length()));
  }
  sharded.input_shares[0] = leader.Encode(joint_);
  sharded.public_share = std::move(parts);
  return sharded;
}

template <typename Circuit>
StatusOr<LeaderShare<typename Circuit::Field>> Prio3Protocol<Circuit>::Expand(
    const Prio3Derivation& derive, std::uint8_t aggregator, ByteView input_share) const {
  if (aggregator == 0) {
    return Leader::Decode(input_share, measurement_length(), verifier_.proof_length(), joint_);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const HelperShare helper, HelperShare::Decode(input_share, joint_));
  Leader share;
  share.measurement =
      derive.template MeasurementShare<Field>(helper.seed, aggregator, measurement_length());
  share.proof =
      derive.template ProofShare<Field>(helper.seed, aggregator, verifier_.proof_length());
  share.blind = helper.blind;
  return share;
}

template <typename Circuit>
StatusOr<Verification> Prio3Protocol<Circuit>::VerifyInit(const VerifyKey& verify_key,
                                                          ByteView context,
                                                          std::uint32_t aggregator,
                                                          const Nonce& nonce, ByteView public_share,
                                                          ByteView input_share) const {
  FLOTILLA_RETURN_IF_ERROR(Prio3Derivation::Check(context));
  FLOTILLA_RETURN_IF_ERROR(CheckSize(public_share, sizes_.public_share, "the public share"));
  if (aggregator >= shares_) {
    return InvalidArgument("there is no aggregator " + std::to_string(aggregator));
  }
  const Prio3Derivation derive(Circuit::kAlgorithmId, context);
  const auto id = static_cast<std::uint8_t>(aggregator);
  FLOTILLA_ASSIGN_OR_RETURN(const Leader share, Expand(derive, id, input_share));

  Verification verification;
  verification.state.output_share = EncodeVector<Field>(share.measurement);
  VerifierShare<Field> answer;
  std::vector<Field> joint;
  if (joint_ == JointRandomness::kPresent) {
    // The device's word for the other parts, the own part computed: a device that lied about one is
    // found out when the messages are compared.
    answer.joint_part = derive.JointPart(share.blind, id, nonce, verification.state.output_share);
    Bytes parts(public_share.begin(), public_share.end());
    std::copy(answer.joint_part.begin(), answer.joint_part.end(),
              parts.begin() + static_cast<std::ptrdiff_t>(id * sizeof(Seed)));
    const Seed joint_seed = derive.JointSeed(parts);
    verification.state.joint_seed.assign(joint_seed.begin(), joint_seed.end());
    joint = derive.template JointRandomness<Field>(joint_seed, joint_length());
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      answer.verifier, verifier_.Query(share.measurement, share.proof,
                                       derive.template QueryRandomness<Field>(
                                           verify_key, nonce, verifier_.query_randomness_length()),
                                       joint));
  verification.verifier_share = answer.Encode(joint_);
  return verification;
}

template <typename Circuit>
StatusOr<Bytes> Prio3Protocol<Circuit>::VerifierSharesToMessage(
    ByteView context, std::span<const Bytes> verifier_shares) const {
  FLOTILLA_RETURN_IF_ERROR(Prio3Derivation::Check(context));
  if (verifier_shares.size() != shares_) {
    return InvalidArgument("verifier shares of " + std::to_string(verifier_shares.size()) +
                           " aggregators instead of " + std::to_string(shares_));
  }
  std::vector<Field> verifier(verifier_.verifier_length());
  Bytes parts;
  for (const Bytes& bytes : verifier_shares) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto share,
                              VerifierShare<Field>::Decode(bytes, verifier.size(), joint_));
    AddInto<Field>(verifier, share.verifier);
    AppendSeed(share.joint_part, parts);
  }
  if (!verifier_.Decide(verifier)) {
    return InvalidArgument("the proof does not hold: the measurement is not valid");
  }
  if (joint_ != JointRandomness::kPresent) return Bytes();
  const Seed joint_seed = Prio3Derivation(Circuit::kAlgorithmId, context).JointSeed(parts);
  return Bytes(joint_seed.begin(), joint_seed.end());
}

template <typename Circuit>
StatusOr<Bytes> Prio3Protocol<Circuit>::VerifyNext(const VerifyState& state,
                                                   ByteView message) const {
  FLOTILLA_RETURN_IF_ERROR(CheckSize(message, sizes_.verifier_message, "the verifier message"));
  FLOTILLA_RETURN_IF_ERROR(CheckSize(state.output_share, sizes_.aggregate_share, "the state"));
  if (!SameBytes(message, state.joint_seed)) {
    return InvalidArgument("the joint randomness of the aggregators differs");
  }
  return state.output_share;
}

template <typename Circuit>
StatusOr<std::vector<std::int64_t>> Prio3Protocol<Circuit>::Unshard(
    std::span<const Bytes> aggregate_shares) const {
  if (aggregate_shares.size() != shares_) {
    return InvalidArgument("aggregate shares of " + std::to_string(aggregate_shares.size()) +
                           " aggregators instead of " + std::to_string(shares_));
  }
  return UnshardCounts<Field>(measurement_length(), aggregate_shares);
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_PRIO3_PROTOCOL_H_

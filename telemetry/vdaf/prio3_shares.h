// The byte strings of Prio3 that come from outside, and what stands in them
// (draft-irtf-cfrg-vdaf-18 section 7.2). Whatever is decoded encodes to the same bytes again.
#ifndef FLOTILLA_TELEMETRY_VDAF_PRIO3_SHARES_H_
#define FLOTILLA_TELEMETRY_VDAF_PRIO3_SHARES_H_

#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/vdaf/field_vector.h"
#include "telemetry/vdaf/xof.h"

namespace flotilla::vdaf {

// Whether seeds for joint randomness are in the messages; decided by the circuit.
enum class JointRandomness { kUnspecified = 0, kAbsent, kPresent };

// INVALID_ARGUMENT: `bytes` has not `size` of them. `what` names them in the text.
Status CheckSize(ByteView bytes, std::size_t size, const char* what);
// `bytes` has at least 32 from `at` on.
Seed SeedAt(ByteView bytes, std::size_t at);
// Appends.
void AppendSeed(const Seed& seed, Bytes& bytes);

// Input share of the leader: field elements in the clear.
template <typename Field>
struct LeaderShare {
  std::vector<Field> measurement;
  std::vector<Field> proof;
  Seed blind{};  // with joint randomness

  // INVALID_ARGUMENT: wrong size, or an element that is p or more.
  static StatusOr<LeaderShare> Decode(ByteView bytes, std::size_t measurement_length,
                                      std::size_t proof_length, JointRandomness joint) {
    const std::size_t split = measurement_length * Field::kEncodedSize;
    const std::size_t end = split + proof_length * Field::kEncodedSize;
    const std::size_t tail = joint == JointRandomness::kPresent ? sizeof(Seed) : 0;
    FLOTILLA_RETURN_IF_ERROR(CheckSize(bytes, end + tail, "the leader's input share"));
    LeaderShare share;
    FLOTILLA_ASSIGN_OR_RETURN(share.measurement,
                              DecodeVector<Field>(bytes.first(split), measurement_length));
    FLOTILLA_ASSIGN_OR_RETURN(share.proof,
                              DecodeVector<Field>(bytes.subspan(split, end - split), proof_length));
    if (tail != 0) share.blind = SeedAt(bytes, end);
    return share;
  }

  Bytes Encode(JointRandomness joint) const {
    Bytes bytes;
    AppendVector<Field>(measurement, bytes);
    AppendVector<Field>(proof, bytes);
    if (joint == JointRandomness::kPresent) AppendSeed(blind, bytes);
    return bytes;
  }
};

// Input share of every other aggregator: seeds alone.
struct HelperShare {
  Seed seed{};
  Seed blind{};  // with joint randomness

  // INVALID_ARGUMENT: wrong size.
  static StatusOr<HelperShare> Decode(ByteView bytes, JointRandomness joint);
  Bytes Encode(JointRandomness joint) const;
};

// What an aggregator says of a report.
template <typename Field>
struct VerifierShare {
  std::vector<Field> verifier;
  Seed joint_part{};  // with joint randomness

  // INVALID_ARGUMENT: wrong size, or an element that is p or more.
  static StatusOr<VerifierShare> Decode(ByteView bytes, std::size_t verifier_length,
                                        JointRandomness joint) {
    const std::size_t end = verifier_length * Field::kEncodedSize;
    const std::size_t tail = joint == JointRandomness::kPresent ? sizeof(Seed) : 0;
    FLOTILLA_RETURN_IF_ERROR(CheckSize(bytes, end + tail, "a verifier share"));
    VerifierShare share;
    FLOTILLA_ASSIGN_OR_RETURN(share.verifier,
                              DecodeVector<Field>(bytes.first(end), verifier_length));
    if (tail != 0) share.joint_part = SeedAt(bytes, end);
    return share;
  }

  Bytes Encode(JointRandomness joint) const {
    Bytes bytes = EncodeVector<Field>(verifier);
    if (joint == JointRandomness::kPresent) AppendSeed(joint_part, bytes);
    return bytes;
  }
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_PRIO3_SHARES_H_

// Every value that Prio3 derives from a seed, each with its domain tag (draft-irtf-cfrg-vdaf-18
// section 7.2): byte 18, class 0, algorithm, usage, context.
#ifndef FLOTILLA_TELEMETRY_VDAF_PRIO3_DERIVATION_H_
#define FLOTILLA_TELEMETRY_VDAF_PRIO3_DERIVATION_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/vdaf/prio3.h"
#include "telemetry/vdaf/xof.h"

namespace flotilla::vdaf {

// The one proof of a report; a parameter of the draft that is 1 in Prio3Count and Prio3Histogram.
inline constexpr std::uint8_t kProofs = 1;

class Prio3Derivation {
 public:
  // INVALID_ARGUMENT: `context` is too long for a domain tag.
  static Status Check(ByteView context);

  // `context` has passed Check and outlives this object.
  Prio3Derivation(std::uint32_t algorithm, ByteView context)
      : algorithm_(algorithm), context_(context) {}

  template <typename Field>
  std::vector<Field> MeasurementShare(const Seed& seed, std::uint8_t aggregator,
                                      std::size_t length) const {
    return Stream(seed, kMeasurementShare, {ByteView(&aggregator, 1)}).NextVector<Field>(length);
  }
  template <typename Field>
  std::vector<Field> ProofShare(const Seed& seed, std::uint8_t aggregator,
                                std::size_t length) const {
    return Stream(seed, kProofShare, {ByteView(&kProofs, 1), ByteView(&aggregator, 1)})
        .NextVector<Field>(length);
  }
  template <typename Field>
  std::vector<Field> ProveRandomness(const Seed& seed, std::size_t length) const {
    return Stream(seed, kProveRandomness, {ByteView(&kProofs, 1)}).NextVector<Field>(length);
  }
  template <typename Field>
  std::vector<Field> QueryRandomness(const VerifyKey& key, const Nonce& nonce,
                                     std::size_t length) const {
    return Stream(key, kQueryRandomness, {ByteView(&kProofs, 1), nonce}).NextVector<Field>(length);
  }
  template <typename Field>
  std::vector<Field> JointRandomness(const Seed& seed, std::size_t length) const {
    return Stream(seed, kJointRandomness, {ByteView(&kProofs, 1)}).NextVector<Field>(length);
  }

  // An aggregator's part binds its share of the measurement, hidden by the blind.
  Seed JointPart(const Seed& blind, std::uint8_t aggregator, const Nonce& nonce,
                 ByteView encoded_share) const;
  // Of the parts of all aggregators, one after another.
  Seed JointSeed(ByteView parts) const;

 private:
  enum Usage : std::uint8_t {
    kMeasurementShare = 1,
    kProofShare,
    kJointRandomness,
    kProveRandomness,
    kQueryRandomness,
    kJointSeed,
    kJointPart,
  };

  Bytes Tag(Usage usage) const;
  Xof Stream(ByteView seed, Usage usage, std::initializer_list<ByteView> binder) const {
    return Xof(seed, Tag(usage), binder);
  }

  std::uint32_t algorithm_;
  ByteView context_;
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_PRIO3_DERIVATION_H_

// Sums of output shares, encoded as vectors (draft-irtf-cfrg-vdaf-18 section 7.2).
#ifndef FLOTILLA_TELEMETRY_VDAF_AGGREGATE_SHARE_H_
#define FLOTILLA_TELEMETRY_VDAF_AGGREGATE_SHARE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/vdaf/constant_time.h"
#include "telemetry/vdaf/field_vector.h"

namespace flotilla::vdaf {

// See Prio3::AddShare; both are vectors of `length` elements.
template <typename Field>
Status AddEncodedShare(std::size_t length, ByteView share, Bytes& aggregate) {
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<Field> sum, DecodeVector<Field>(aggregate, length));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Field> addend, DecodeVector<Field>(share, length));
  AddInto<Field>(sum, addend);
  aggregate = EncodeVector<Field>(sum);
  return OkStatus();
}

// The residue of a number of either sign, which is secret.
template <typename Field>
Field FromSigned(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  const std::uint64_t negative = MaskOfBit(bits >> 63);
  const Field magnitude = Field::FromUint((bits ^ negative) - negative);
  return Field::Select(negative, Field() - magnitude, magnitude);
}

// See Prio3::AddNumbers.
template <typename Field>
Status AddSignedNumbers(std::span<const std::int64_t> numbers, Bytes& aggregate) {
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<Field> sum, DecodeVector<Field>(aggregate, numbers.size()));
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += FromSigned<Field>(numbers[i]);
  aggregate = EncodeVector<Field>(sum);
  return OkStatus();
}

// See Prio3::Unshard.
template <typename Field>
StatusOr<std::vector<std::int64_t>> UnshardCounts(std::size_t length,
                                                  std::span<const Bytes> aggregate_shares) {
  std::vector<Field> sum(length);
  for (const Bytes& bytes : aggregate_shares) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Field> share, DecodeVector<Field>(bytes, length));
    AddInto<Field>(sum, share);
  }
  std::vector<std::int64_t> counts;
  counts.reserve(sum.size());
  for (const Field& element : sum) {
    const std::optional<std::int64_t> count = element.ToSigned();
    if (!count.has_value()) {
      return Status(StatusCode::kOutOfRange, "a count of the aggregate does not fit in 64 bits");
    }
    counts.push_back(*count);
  }
  return counts;
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_AGGREGATE_SHARE_H_

// Vectors of field elements and their encoding (draft-irtf-cfrg-vdaf-18 section 6.1.1): the
// elements one after another, each little-endian. For Field64 and Field128.
#ifndef FLOTILLA_TELEMETRY_VDAF_FIELD_VECTOR_H_
#define FLOTILLA_TELEMETRY_VDAF_FIELD_VECTOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::vdaf {

// Appends the encoding of `vector` to `bytes`.
template <typename Field>
void AppendVector(std::span<const Field> vector, Bytes& bytes) {
  std::size_t at = bytes.size();
  bytes.resize(at + vector.size() * Field::kEncodedSize);
  for (const Field& element : vector) {
    element.Encode(std::span(bytes).subspan(at).template first<Field::kEncodedSize>());
    at += Field::kEncodedSize;
  }
}

template <typename Field>
Bytes EncodeVector(std::span<const Field> vector) {
  Bytes bytes;
  AppendVector(vector, bytes);
  return bytes;
}

// Exactly `count` elements. INVALID_ARGUMENT: another size, or an element that is p or more.
template <typename Field>
StatusOr<std::vector<Field>> DecodeVector(ByteView bytes, std::size_t count) {
  if (bytes.size() != count * Field::kEncodedSize) {
    return InvalidArgument("a vector of " + std::to_string(count) + " field elements takes " +
                           std::to_string(count * Field::kEncodedSize) + " bytes, not " +
                           std::to_string(bytes.size()));
  }
  std::vector<Field> vector;
  vector.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<Field> element =
        Field::Decode(bytes.subspan(i * Field::kEncodedSize).template first<Field::kEncodedSize>());
    if (!element.has_value()) {
      return InvalidArgument("field element " + std::to_string(i) + " is not below the modulus");
    }
    vector.push_back(*element);
  }
  return vector;
}

// Element by element; both have the same size.
template <typename Field>
void AddInto(std::vector<Field>& sum, std::span<const Field> addend) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += addend[i];
}
template <typename Field>
void SubtractFrom(std::vector<Field>& difference, std::span<const Field> subtrahend) {
  for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= subtrahend[i];
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_FIELD_VECTOR_H_

#include "ota/format/leaf_map.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {
namespace {

constexpr std::string_view kMagic = "FLOTMAP1";

Status MapError(const std::string& what) {
  return WithReason(DataLoss("leaf map: " + what), v1::FAILURE_REASON_FORM_SCHEMA);
}

void PutLe(Bytes& out, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
  }
}

std::uint64_t GetLe(ByteView bytes, std::size_t offset, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i) {
    value |= static_cast<std::uint64_t>(bytes[offset + i]) << (8U * i);
  }
  return value;
}

}  // namespace

StatusOr<LeafMap> LeafMap::Parse(ByteView bytes) {
  if (bytes.size() < kLeafMapHeaderBytes || AsText(bytes.first(kMagic.size())) != kMagic) {
    return MapError("does not begin like one");
  }
  LeafMap map;
  map.file_bytes_ = GetLe(bytes, 8, 8);
  const std::uint64_t rows = GetLe(bytes, 16, 4);
  if (rows == 0 || rows > kMaxLeaves || GetLe(bytes, 20, 4) != 0 ||
      bytes.size() != kLeafMapHeaderBytes + rows * kLeafMapRowBytes) {
    return MapError("wrong number of rows");
  }
  map.leaves_.reserve(rows);
  std::uint64_t offset = 0;
  for (std::uint64_t row = 0; row < rows; ++row) {
    const std::size_t at = kLeafMapHeaderBytes + row * kLeafMapRowBytes;
    Leaf leaf;
    leaf.offset = offset;
    leaf.length = static_cast<std::uint32_t>(GetLe(bytes, at, 4));
    if (leaf.length == 0 || leaf.length > kMaxLeafBytes) {
      return MapError("a leaf of " + std::to_string(leaf.length) + " bytes");
    }
    FLOTILLA_ASSIGN_OR_RETURN(leaf.sha256, Digest::FromBytes(bytes.subspan(at + 4, Digest::kSize)));
    offset += leaf.length;
    map.leaves_.push_back(leaf);
  }
  if (offset != map.file_bytes_) {
    return MapError("its leaves do not add up to the length of the file");
  }
  return map;
}

Bytes LeafMap::Encode() const {
  Bytes out = ToBytes(kMagic);
  out.reserve(kLeafMapHeaderBytes + leaves_.size() * kLeafMapRowBytes);
  PutLe(out, file_bytes_, 8);
  PutLe(out, leaves_.size(), 4);
  PutLe(out, 0, 4);
  for (const Leaf& leaf : leaves_) {
    PutLe(out, leaf.length, 4);
    out.insert(out.end(), leaf.sha256.bytes().begin(), leaf.sha256.bytes().end());
  }
  return out;
}

}  // namespace flotilla::ota

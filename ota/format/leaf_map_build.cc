#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/file.h"
#include "engine/gguf/gguf_reader.h"
#include "ota/format/leaf_map.h"
#include "security/sha256.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kWeightsPerUnit = 256;

// Read only: closing cannot lose anything.
using FilePtr =
    std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::ignore = std::fclose(file); })>;

// Appends cuts until `end`, each at most `piece` bytes behind the one before.
void CutEvery(std::vector<std::uint64_t>& ends, std::uint64_t begin, std::uint64_t end,
              std::uint64_t piece) {
  while (begin < end) {
    begin += std::min(piece, end - begin);
    ends.push_back(begin);
  }
}

// The largest piece that holds a multiple of 256 weights, where the type's blocks allow one.
std::uint64_t PieceOf(const gguf::Tensor& tensor) {
  std::uint64_t weights = 1;
  for (const std::uint64_t dimension : tensor.dimensions) {
    weights *= dimension;
  }
  const std::uint64_t whole_units = weights / kWeightsPerUnit;
  if (whole_units == 0 || weights % kWeightsPerUnit != 0 || tensor.bytes % whole_units != 0) {
    return kMaxLeafBytes;
  }
  const std::uint64_t unit = tensor.bytes / whole_units;
  return unit == 0 || unit > kMaxLeafBytes ? kMaxLeafBytes : kMaxLeafBytes / unit * unit;
}

void CutTensor(std::vector<std::uint64_t>& ends, const gguf::Tensor& tensor,
               std::uint64_t padded_end) {
  CutEvery(ends, tensor.file_offset, tensor.file_offset + tensor.bytes, PieceOf(tensor));
  if (ends.empty() || ends.back() >= padded_end) {
    return;
  }
  const std::uint64_t last_begin = ends.size() > 1 ? ends[ends.size() - 2] : 0;
  if (padded_end - last_begin <= kMaxLeafBytes) {
    ends.back() = padded_end;
  } else {
    CutEvery(ends, ends.back(), padded_end, kMaxLeafBytes);
  }
}

std::vector<std::uint64_t> Cuts(const StatusOr<gguf::Header>& header, std::uint64_t file_bytes) {
  std::vector<std::uint64_t> ends;
  if (!header.ok() || header->tensors.empty()) {
    CutEvery(ends, 0, file_bytes, kMaxLeafBytes);
    return ends;
  }
  CutEvery(ends, 0, header->tensors.front().file_offset, kMaxLeafBytes);
  for (std::size_t i = 0; i < header->tensors.size(); ++i) {
    const gguf::Tensor& tensor = header->tensors[i];
    const bool last = i + 1 == header->tensors.size();
    CutTensor(ends, tensor,
              last ? tensor.file_offset + tensor.bytes : header->tensors[i + 1].file_offset);
  }
  CutEvery(ends, ends.back(), file_bytes, kMaxLeafBytes);
  return ends;
}

}  // namespace

StatusOr<LeafMap> LeafMap::Build(const std::filesystem::path& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t file_bytes, FileSize(path));
  if (file_bytes == 0) {
    return InvalidArgument("an empty file has no leaves: " + path.string());
  }
  const std::vector<std::uint64_t> ends = Cuts(gguf::ReadHeader(path), file_bytes);
  if (ends.size() > kMaxLeaves) {
    return InvalidArgument("too many leaves: " + path.string());
  }
  const FilePtr file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return ErrnoStatus(errno, path.string());
  }
  LeafMap map;
  map.file_bytes_ = file_bytes;
  map.leaves_.reserve(ends.size());
  Bytes buffer(kMaxLeafBytes);
  std::uint64_t begin = 0;
  for (const std::uint64_t end : ends) {
    const std::size_t length = static_cast<std::size_t>(end - begin);
    if (std::fread(buffer.data(), 1, length, file.get()) != length) {
      return DataLoss("cannot read " + path.string());
    }
    Leaf leaf;
    leaf.offset = begin;
    leaf.length = static_cast<std::uint32_t>(length);
    leaf.sha256 = security::Sha256(ByteView(buffer).first(length));
    map.leaves_.push_back(leaf);
    begin = end;
  }
  return map;
}

}  // namespace flotilla::ota

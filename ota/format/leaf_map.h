// The signed map of leaves: a file cut into pieces of at most 1 MiB with the SHA-256 of each, so
// that every byte that comes from an untrusted source is checked before it is kept, a download
// resumes at a leaf, and later releases can say which pieces they share.
//
// A GGUF file is cut at its tensors: the header in leaves of at most 1 MiB, then each tensor in
// pieces of at most 1 MiB that hold a multiple of 256 weights (the padding after a tensor belongs
// to its last piece where it fits, else it is a leaf of its own), then what follows the last
// tensor. Any other file is cut every 1 MiB.
//
// Binary form, all numbers little-endian, nothing after the last row:
//
//   offset  size   field
//   0       8      "FLOTMAP1"
//   8       8      length of the file in bytes, at least 1
//   16      4      number of rows, at least 1
//   20      4      0
//   24      36*n   rows: length of the leaf (4 bytes, 1 to 1,048,576), SHA-256 of its bytes (32
//   bytes)
//
// The lengths of the rows add up to the length of the file.
#ifndef FLOTILLA_OTA_FORMAT_LEAF_MAP_H_
#define FLOTILLA_OTA_FORMAT_LEAF_MAP_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"

namespace flotilla::ota {

inline constexpr std::uint32_t kMaxLeafBytes = 1024 * 1024;
inline constexpr std::size_t kMaxLeaves = std::size_t{1} << 21;
inline constexpr std::uint64_t kLeafMapHeaderBytes = 24;
inline constexpr std::uint64_t kLeafMapRowBytes = 36;
inline constexpr std::uint64_t kMaxLeafMapBytes =
    kLeafMapHeaderBytes + kMaxLeaves * kLeafMapRowBytes;

struct Leaf {
  std::uint64_t offset = 0;  // in the file
  std::uint32_t length = 0;  // 1 to kMaxLeafBytes
  Digest sha256;

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

class LeafMap {
 public:
  // DATA_LOSS with FORM_SCHEMA for bytes that are not such a map.
  static StatusOr<LeafMap> Parse(ByteView bytes);
  // The map of the file at `path`. Reads it once; blocking (a second per GB). NOT_FOUND, DATA_LOSS
  // (it cannot be read), INVALID_ARGUMENT (empty). A file that begins like GGUF but is not valid
  // GGUF is cut every 1 MiB.
  static StatusOr<LeafMap> Build(const std::filesystem::path& path);

  Bytes Encode() const;
  std::uint64_t file_bytes() const { return file_bytes_; }
  // In order of offset, without gaps; at least one.
  const std::vector<Leaf>& leaves() const { return leaves_; }

  friend bool operator==(const LeafMap&, const LeafMap&) = default;

 private:
  LeafMap() = default;

  std::uint64_t file_bytes_ = 0;
  std::vector<Leaf> leaves_;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FORMAT_LEAF_MAP_H_

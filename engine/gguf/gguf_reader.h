// Reads the header of a GGUF file (versions 2 and 3): metadata and where each tensor lies. Strict
// and bounds-checked, because it stands between a downloaded file and libllama, which aborts on
// some headers. It never looks at the weights: the digest answers for them. Source:
// ggml/docs/gguf.md; what libllama 0.5.0 refuses is refused here too.
#ifndef FLOTILLA_ENGINE_GGUF_GGUF_READER_H_
#define FLOTILLA_ENGINE_GGUF_GGUF_READER_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::gguf {

inline constexpr std::uint64_t kMaxHeaderBytes = 64ULL << 20;
inline constexpr std::uint64_t kMaxMetadata = 65'536;
inline constexpr std::uint64_t kMaxTensors = 65'536;
inline constexpr std::uint64_t kMaxKeyBytes = 65'535;
inline constexpr std::uint64_t kMaxTensorNameBytes = 63;
inline constexpr std::uint32_t kMaxDimensions = 4;
inline constexpr std::uint64_t kMaxAlignment = 1ULL << 20;

// As numbered in the file.
enum class ValueType : std::uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};

// One key of the metadata. Arrays are checked and skipped: `value` is empty, `element_type` and
// `count` say what was there.
struct Metadata {
  std::string key;
  ValueType type = ValueType::kUint8;
  ValueType element_type = ValueType::kUint8;
  std::uint64_t count = 1;
  std::variant<std::monostate, std::uint64_t, std::int64_t, double, bool, std::string> value;
};

struct Tensor {
  std::string name;
  // Number of the ggml type; FindTensorType (tensor_type.h) tells its block.
  std::uint32_t type = 0;
  // 1 to 4 of them, innermost first, all positive.
  std::vector<std::uint64_t> dimensions;
  // From the start of the tensor data; a multiple of the alignment.
  std::uint64_t offset = 0;
  // Without the padding behind it.
  std::uint64_t bytes = 0;
  // From the start of the file: data_offset + offset.
  std::uint64_t file_offset = 0;
};

struct Header {
  std::uint32_t version = 0;
  std::uint64_t alignment = 32;
  // Where the tensor data begins; the bytes before it are the header.
  std::uint64_t data_offset = 0;
  std::uint64_t file_bytes = 0;
  std::vector<Metadata> metadata;
  // In the file's order, which is also the order of their offsets, without gaps but padding.
  std::vector<Tensor> tensors;

  // Null when there is no such key.
  const Metadata* Find(std::string_view key) const;
  // Any unsigned type, or a signed one that is not negative.
  std::optional<std::uint64_t> FindUnsigned(std::string_view key) const;
  std::optional<std::string> FindText(std::string_view key) const;
};

// Reads the header out of the first bytes of a file that is `file_bytes` long.
// Errors: OUT_OF_RANGE the header goes on behind `prefix` and so does the file, try with more of
// it; DATA_LOSS not a GGUF header, or a tensor that does not lie inside the file.
StatusOr<Header> ParseHeader(ByteView prefix, std::uint64_t file_bytes);

// The same from a file or from a descriptor open for reading (its position is neither used nor
// moved). Reads no more than the header needs, at most kMaxHeaderBytes. Blocking.
// Errors: those of ParseHeader but for OUT_OF_RANGE; NOT_FOUND and others by errno.
StatusOr<Header> ReadHeader(const std::filesystem::path& path);
StatusOr<Header> ReadHeader(int fd);

// Refuses what is well-formed and would still bring libllama down or mislead it: block_count
// outside 1 to 512, epsilons that are not finite and positive, other floats that are not finite,
// wrong counts of experts, a file that is one part of several. DATA_LOSS with the key's name.
Status CheckForEngine(const Header& header);

}  // namespace flotilla::gguf

#endif  // FLOTILLA_ENGINE_GGUF_GGUF_READER_H_

#include "engine/gguf/gguf_reader.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "engine/gguf/byte_cursor.h"
#include "engine/gguf/tensor_type.h"

namespace flotilla::gguf {
namespace {

constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF"

std::uint64_t SizeOf(ValueType type) {
  switch (type) {
    case ValueType::kUint8:
    case ValueType::kInt8:
    case ValueType::kBool:
      return 1;
    case ValueType::kUint16:
    case ValueType::kInt16:
      return 2;
    case ValueType::kUint32:
    case ValueType::kInt32:
    case ValueType::kFloat32:
      return 4;
    case ValueType::kUint64:
    case ValueType::kInt64:
    case ValueType::kFloat64:
      return 8;
    case ValueType::kString:
    case ValueType::kArray:
      return 0;
  }
  return 0;
}

template <typename Wire, typename Kept>
Status ReadScalar(ByteCursor& cursor, Metadata& entry) {
  FLOTILLA_ASSIGN_OR_RETURN(const Wire value, cursor.Read<Wire>());
  entry.value = static_cast<Kept>(value);
  return OkStatus();
}

Status ReadBool(ByteCursor& cursor, Metadata& entry) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto value, cursor.Read<std::uint8_t>());
  if (value > 1) {
    return DataLoss("GGUF: key '" + entry.key + "' is neither true nor false");
  }
  entry.value = value == 1;
  return OkStatus();
}

Status SkipArray(ByteCursor& cursor, Metadata& entry) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto element, cursor.Read<std::uint32_t>());
  FLOTILLA_ASSIGN_OR_RETURN(entry.count, cursor.Read<std::uint64_t>());
  entry.element_type = static_cast<ValueType>(element);
  if (entry.element_type == ValueType::kString) {
    // The shortest string takes eight bytes: a count that cannot be true ends at the file's end.
    for (std::uint64_t i = 0; i < entry.count; ++i) {
      FLOTILLA_RETURN_IF_ERROR(cursor.SkipText());
    }
    return OkStatus();
  }
  const std::uint64_t size = SizeOf(entry.element_type);
  std::uint64_t bytes = 0;
  if (size == 0 || __builtin_mul_overflow(size, entry.count, &bytes)) {
    return DataLoss("GGUF: key '" + entry.key + "' holds an array of an unknown kind or size");
  }
  return cursor.Skip(bytes);
}

Status ReadValue(ByteCursor& cursor, Metadata& entry) {
  switch (entry.type) {
    case ValueType::kUint8:
      return ReadScalar<std::uint8_t, std::uint64_t>(cursor, entry);
    case ValueType::kInt8:
      return ReadScalar<std::int8_t, std::int64_t>(cursor, entry);
    case ValueType::kUint16:
      return ReadScalar<std::uint16_t, std::uint64_t>(cursor, entry);
    case ValueType::kInt16:
      return ReadScalar<std::int16_t, std::int64_t>(cursor, entry);
    case ValueType::kUint32:
      return ReadScalar<std::uint32_t, std::uint64_t>(cursor, entry);
    case ValueType::kInt32:
      return ReadScalar<std::int32_t, std::int64_t>(cursor, entry);
    case ValueType::kFloat32:
      return ReadScalar<float, double>(cursor, entry);
    case ValueType::kUint64:
      return ReadScalar<std::uint64_t, std::uint64_t>(cursor, entry);
    case ValueType::kInt64:
      return ReadScalar<std::int64_t, std::int64_t>(cursor, entry);
    case ValueType::kFloat64:
      return ReadScalar<double, double>(cursor, entry);
    case ValueType::kBool:
      return ReadBool(cursor, entry);
    case ValueType::kArray:
      return SkipArray(cursor, entry);
    case ValueType::kString: {
      FLOTILLA_ASSIGN_OR_RETURN(entry.value, cursor.ReadText(kMaxHeaderBytes));
      return OkStatus();
    }
  }
  return DataLoss("GGUF: key '" + entry.key + "' has a type that does not exist");
}

Status ReadMetadata(ByteCursor& cursor, std::uint64_t count, Header& header) {
  std::unordered_set<std::string> seen;
  for (std::uint64_t i = 0; i < count; ++i) {
    Metadata entry;
    FLOTILLA_ASSIGN_OR_RETURN(entry.key, cursor.ReadText(kMaxKeyBytes));
    if (entry.key.empty() || !seen.insert(entry.key).second) {
      return DataLoss("GGUF: key '" + entry.key + "' is empty or stands there twice");
    }
    FLOTILLA_ASSIGN_OR_RETURN(const auto type, cursor.Read<std::uint32_t>());
    entry.type = static_cast<ValueType>(type);
    FLOTILLA_RETURN_IF_ERROR(ReadValue(cursor, entry));
    header.metadata.push_back(std::move(entry));
  }
  return OkStatus();
}

Status ReadAlignment(Header& header) {
  const Metadata* const entry = header.Find("general.alignment");
  if (entry == nullptr) {
    return OkStatus();
  }
  const auto value = header.FindUnsigned("general.alignment");
  if (entry->type != ValueType::kUint32 || !value || *value == 0 || *value > kMaxAlignment ||
      (*value & (*value - 1)) != 0) {
    return DataLoss("GGUF: general.alignment is not a power of two that fits");
  }
  header.alignment = *value;
  return OkStatus();
}

// Bytes that the dimensions and the type come to.
Status ComputeSize(Tensor& tensor) {
  const auto type = FindTensorType(tensor.type);
  if (!type) {
    return DataLoss("GGUF: tensor '" + tensor.name + "' has a type that does not exist");
  }
  if (tensor.dimensions.front() % type->elements != 0) {
    return DataLoss("GGUF: tensor '" + tensor.name + "' has rows that are no multiple of a block");
  }
  tensor.bytes = tensor.dimensions.front() / type->elements;
  bool too_large = __builtin_mul_overflow(tensor.bytes, std::uint64_t{type->bytes}, &tensor.bytes);
  for (std::size_t i = 1; i < tensor.dimensions.size(); ++i) {
    too_large =
        too_large || __builtin_mul_overflow(tensor.bytes, tensor.dimensions[i], &tensor.bytes);
  }
  if (too_large) {
    return DataLoss("GGUF: tensor '" + tensor.name + "' has dimensions that overflow");
  }
  return OkStatus();
}

StatusOr<Tensor> ReadTensor(ByteCursor& cursor) {
  Tensor tensor;
  FLOTILLA_ASSIGN_OR_RETURN(tensor.name, cursor.ReadText(kMaxTensorNameBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const auto dimensions, cursor.Read<std::uint32_t>());
  if (dimensions == 0 || dimensions > kMaxDimensions) {
    return DataLoss("GGUF: tensor '" + tensor.name + "' has " + std::to_string(dimensions) +
                    " dimensions");
  }
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto size, cursor.Read<std::uint64_t>());
    if (size == 0 || size > static_cast<std::uint64_t>(INT64_MAX)) {
      return DataLoss("GGUF: tensor '" + tensor.name + "' has an empty or impossible dimension");
    }
    tensor.dimensions.push_back(size);
  }
  FLOTILLA_ASSIGN_OR_RETURN(tensor.type, cursor.Read<std::uint32_t>());
  FLOTILLA_ASSIGN_OR_RETURN(tensor.offset, cursor.Read<std::uint64_t>());
  FLOTILLA_RETURN_IF_ERROR(ComputeSize(tensor));
  return tensor;
}

Status ReadTensors(ByteCursor& cursor, std::uint64_t count, Header& header) {
  std::unordered_set<std::string> seen;
  for (std::uint64_t i = 0; i < count; ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(Tensor tensor, ReadTensor(cursor));
    if (tensor.name.empty() || !seen.insert(tensor.name).second) {
      return DataLoss("GGUF: tensor '" + tensor.name + "' is nameless or stands there twice");
    }
    header.tensors.push_back(std::move(tensor));
  }
  return OkStatus();
}

StatusOr<std::uint64_t> AlignUp(std::uint64_t value, std::uint64_t alignment) {
  std::uint64_t padded = 0;
  if (__builtin_add_overflow(value, alignment - 1, &padded)) {
    return DataLoss("GGUF: an offset overflows");
  }
  return padded & ~(alignment - 1);
}

// Each tensor begins where the padding of the one before it ends, as libllama demands.
Status PlaceTensors(Header& header) {
  std::uint64_t expected = 0;
  for (Tensor& tensor : header.tensors) {
    if (tensor.offset != expected) {
      return DataLoss("GGUF: tensor '" + tensor.name + "' does not follow the one before it");
    }
    std::uint64_t end = 0;
    if (__builtin_add_overflow(header.data_offset, tensor.offset, &tensor.file_offset) ||
        __builtin_add_overflow(tensor.file_offset, tensor.bytes, &end) || end > header.file_bytes) {
      return DataLoss("GGUF: tensor '" + tensor.name + "' reaches past the end of the file");
    }
    FLOTILLA_ASSIGN_OR_RETURN(expected, AlignUp(tensor.offset + tensor.bytes, header.alignment));
  }
  return OkStatus();
}

}  // namespace

const Metadata* Header::Find(std::string_view key) const {
  const auto found = std::find_if(metadata.begin(), metadata.end(),
                                  [&](const Metadata& entry) { return entry.key == key; });
  return found == metadata.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> Header::FindUnsigned(std::string_view key) const {
  const Metadata* const entry = Find(key);
  if (entry == nullptr) {
    return std::nullopt;
  }
  if (const auto* const value = std::get_if<std::uint64_t>(&entry->value)) {
    return *value;
  }
  const auto* const value = std::get_if<std::int64_t>(&entry->value);
  if (value == nullptr || *value < 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*value);
}

std::optional<std::string> Header::FindText(std::string_view key) const {
  const Metadata* const entry = Find(key);
  const auto* const value = entry == nullptr ? nullptr : std::get_if<std::string>(&entry->value);
  return value == nullptr ? std::nullopt : std::optional<std::string>(*value);
}

StatusOr<Header> ParseHeader(ByteView prefix, std::uint64_t file_bytes) {
  if (prefix.size() > file_bytes) {
    return InvalidArgument("the prefix is longer than its file");
  }
  ByteCursor cursor(prefix, file_bytes);
  FLOTILLA_ASSIGN_OR_RETURN(const auto magic, cursor.Read<std::uint32_t>());
  Header header;
  FLOTILLA_ASSIGN_OR_RETURN(header.version, cursor.Read<std::uint32_t>());
  if (magic != kMagic || header.version < 2 || header.version > 3) {
    return DataLoss("GGUF: not a little-endian GGUF file of version 2 or 3");
  }
  header.file_bytes = file_bytes;
  FLOTILLA_ASSIGN_OR_RETURN(const auto tensors, cursor.Read<std::uint64_t>());
  FLOTILLA_ASSIGN_OR_RETURN(const auto metadata, cursor.Read<std::uint64_t>());
  if (tensors > kMaxTensors || metadata > kMaxMetadata) {
    return DataLoss("GGUF: more tensors or keys than any model has");
  }
  FLOTILLA_RETURN_IF_ERROR(ReadMetadata(cursor, metadata, header));
  FLOTILLA_RETURN_IF_ERROR(ReadAlignment(header));
  FLOTILLA_RETURN_IF_ERROR(ReadTensors(cursor, tensors, header));
  FLOTILLA_ASSIGN_OR_RETURN(header.data_offset, AlignUp(cursor.position(), header.alignment));
  FLOTILLA_RETURN_IF_ERROR(PlaceTensors(header));
  return header;
}

}  // namespace flotilla::gguf

#ifndef FLOTILLA_TESTS_SUPPORT_GGUF_BUILDER_H_
#define FLOTILLA_TESTS_SUPPORT_GGUF_BUILDER_H_

#include <bit>
#include <cstdint>
#include <string>
#include <type_traits>

#include "base/bytes.h"

namespace flotilla::test {

// Writes the header of a GGUF file, right or wrong, piece by piece.
class GgufBuilder {
 public:
  GgufBuilder& Raw(std::string_view bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  template <typename T>
  GgufBuilder& Number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    const auto* const bytes = reinterpret_cast<const char*>(&value);
    return Raw(std::string_view(bytes, sizeof(value)));
  }
  GgufBuilder& Text(std::string_view text) { return Number<std::uint64_t>(text.size()).Raw(text); }
  GgufBuilder& Start(std::uint64_t tensors, std::uint64_t keys, std::uint32_t version = 3) {
    return Raw("GGUF").Number(version).Number(tensors).Number(keys);
  }
  template <typename T>
  GgufBuilder& Key(std::string_view key, std::uint32_t type, T value) {
    return Text(key).Number(type).Number(value);
  }
  GgufBuilder& TextKey(std::string_view key, std::string_view value) {
    constexpr std::uint32_t kString = 8;
    return Text(key).Number(kString).Text(value);
  }
  // One dimension of F32.
  GgufBuilder& Tensor(std::string_view name, std::uint64_t elements, std::uint64_t offset) {
    return Text(name).Number<std::uint32_t>(1).Number(elements).Number<std::uint32_t>(0).Number(
        offset);
  }
  GgufBuilder& Pad(std::size_t alignment = 32) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    return *this;
  }
  GgufBuilder& Zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

}  // namespace flotilla::test

#endif  // FLOTILLA_TESTS_SUPPORT_GGUF_BUILDER_H_

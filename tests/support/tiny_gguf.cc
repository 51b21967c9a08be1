#include "tests/support/tiny_gguf.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace flotilla {
namespace {

constexpr std::uint64_t kAlignment = 32;
constexpr std::uint32_t kTypeUint32 = 4;
constexpr std::uint32_t kTypeText = 8;

void PutNumber(Bytes& out, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
  }
}

void PutText(Bytes& out, std::string_view text) {
  PutNumber(out, text.size(), 8);
  out.insert(out.end(), text.begin(), text.end());
}

}  // namespace

Bytes MakeGgufHeader(const TinyGgufShape& shape) {
  Bytes out = ToBytes("GGUF");
  PutNumber(out, 3, 4);
  PutNumber(out, shape.tensors, 8);
  PutNumber(out, 2, 8);
  PutText(out, "general.architecture");
  PutNumber(out, kTypeText, 4);
  PutText(out, "llama");
  PutText(out, "llama.block_count");
  PutNumber(out, kTypeUint32, 4);
  PutNumber(out, 1, 4);
  for (std::uint32_t i = 0; i < shape.tensors; ++i) {
    PutText(out, "t" + std::to_string(i));
    PutNumber(out, shape.inputs == 0 ? 1 : 2, 4);  // dimensions
    PutNumber(out, shape.inputs == 0 ? shape.weights : shape.inputs, 8);
    if (shape.inputs != 0) {
      PutNumber(out, shape.weights / shape.inputs, 8);
    }
    PutNumber(out, 0, 4);  // F32
    PutNumber(out, i * shape.weights * 4, 8);
  }
  while (out.size() % kAlignment != 0) {
    out.push_back(0);
  }
  return out;
}

Bytes MakeTinyGguf(const TinyGgufShape& shape) {
  Bytes out = MakeGgufHeader(shape);
  std::uint32_t state = shape.seed;
  for (std::uint64_t i = 0; i < shape.tensors * shape.weights * 4; ++i) {
    state = state * 1664525U + 1013904223U;
    out.push_back(static_cast<std::uint8_t>(state >> 24U));
  }
  return out;
}

}  // namespace flotilla

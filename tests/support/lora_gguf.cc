#include "tests/support/lora_gguf.h"

#include <bit>
#include <cstddef>
#include <string_view>

namespace flotilla::test {
namespace {

constexpr std::size_t kAlignment = 32;
constexpr std::uint32_t kUint32 = 4;
constexpr std::uint32_t kFloat32 = 6;
constexpr std::uint32_t kText = 8;

class Writer {
 public:
  void Number(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
    }
  }
  void Float(float value) { Number(std::bit_cast<std::uint32_t>(value), 4); }
  void Text(std::string_view text) {
    Number(text.size(), 8);
    bytes.insert(bytes.end(), text.begin(), text.end());
  }
  void TextKey(std::string_view key, std::string_view value) {
    Text(key);
    Number(kText, 4);
    Text(value);
  }
  void Pad() {
    while (bytes.size() % kAlignment != 0) {
      bytes.push_back(0);
    }
  }

  Bytes bytes;
};

std::uint64_t PaddedBytes(const LoraTensor& tensor) {
  const std::uint64_t bytes = tensor.inner * tensor.outer * sizeof(float);
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

Bytes MakeLoraGguf(const LoraShape& shape) {
  Writer out;
  out.bytes = ToBytes("GGUF");
  out.Number(3, 4);
  out.Number(shape.tensors.size(), 8);
  out.Number(shape.extra_key.empty() ? 4 : 5, 8);
  out.TextKey("general.architecture", shape.architecture);
  out.TextKey("general.type", shape.general_type);
  out.TextKey("adapter.type", shape.adapter_type);
  out.Text("adapter.lora.alpha");
  out.Number(kFloat32, 4);
  out.Float(shape.alpha);
  if (!shape.extra_key.empty()) {
    out.Text(shape.extra_key);
    out.Number(kUint32, 4);
    out.Number(1, 4);
  }
  std::uint64_t offset = 0;
  for (const LoraTensor& tensor : shape.tensors) {
    out.Text(tensor.name);
    out.Number(2, 4);
    out.Number(tensor.inner, 8);
    out.Number(tensor.outer, 8);
    out.Number(0, 4);  // F32
    out.Number(offset, 8);
    offset += PaddedBytes(tensor);
  }
  out.Pad();
  for (const LoraTensor& tensor : shape.tensors) {
    for (std::uint64_t i = 0; i < tensor.inner * tensor.outer; ++i) {
      constexpr std::uint64_t kSteps = 13;
      const auto step = static_cast<float>(i * 7 % kSteps) - 6.0F;
      out.Float(shape.strength * step / 6.0F);
    }
    out.Pad();
  }
  return out.bytes;
}

std::vector<LoraTensor> LoraPair(const std::string& matrix, std::uint64_t inputs,
                                 std::uint64_t outputs, std::uint64_t rank) {
  return {{matrix + ".lora_a", inputs, rank}, {matrix + ".lora_b", rank, outputs}};
}

LoraShape DemoLora(float strength) {
  constexpr std::uint64_t kRank = 2;
  LoraShape shape;
  shape.tensors = LoraPair("blk.1.ffn_down.weight", 512, 256, kRank);
  shape.strength = strength;
  return shape;
}

}  // namespace flotilla::test

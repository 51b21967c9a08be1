#include "engine/gguf/adapter_check.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace flotilla::gguf {
namespace {

constexpr std::string_view kSuffixA = ".lora_a";
constexpr std::string_view kSuffixB = ".lora_b";
constexpr std::string_view kEmbedding = "token_embd.weight";

struct Pair {
  const Tensor* a = nullptr;
  const Tensor* b = nullptr;
};

Status Refuse(const std::string& what) {
  return DataLoss("LoRA adapter: " + what);
}

std::uint64_t Dimension(const Tensor& tensor, std::size_t index) {
  return index < tensor.dimensions.size() ? tensor.dimensions[index] : 1;
}

bool IsUsableType(std::uint32_t type) {
  constexpr std::uint32_t kF32 = 0;
  constexpr std::uint32_t kF16 = 1;
  constexpr std::uint32_t kQ8 = 8;
  constexpr std::uint32_t kBf16 = 30;
  return type == kF32 || type == kF16 || type == kQ8 || type == kBf16;
}

Status CheckMetadata(const Header& adapter, const Header& base) {
  if (adapter.FindText("general.type").value_or("") != "adapter") {
    return Refuse("general.type is not 'adapter'");
  }
  if (adapter.FindText("adapter.type").value_or("") != "lora") {
    return Refuse("adapter.type is not 'lora'");
  }
  const std::string architecture = adapter.FindText("general.architecture").value_or("");
  const std::string wanted = base.FindText("general.architecture").value_or("");
  if (architecture.empty() || architecture != wanted) {
    return Refuse("it is for architecture '" + architecture + "' and the model's is '" + wanted +
                  "'");
  }
  for (const Metadata& entry : adapter.metadata) {
    const auto* const number = std::get_if<double>(&entry.value);
    if (number != nullptr && !std::isfinite(*number)) {
      return Refuse(entry.key + " is not finite");
    }
    if (entry.key == "adapter.lora.alpha" && entry.type != ValueType::kFloat32) {
      return Refuse("adapter.lora.alpha is not a 32-bit floating-point number");
    }
    if (entry.key.starts_with("adapter.alora.")) {
      return Refuse("one that waits for invocation tokens is not supported");
    }
  }
  return OkStatus();
}

StatusOr<std::map<std::string, Pair>> PairUp(const Header& adapter) {
  std::map<std::string, Pair> pairs;
  for (const Tensor& tensor : adapter.tensors) {
    const bool is_a = tensor.name.ends_with(kSuffixA);
    if (!is_a && !tensor.name.ends_with(kSuffixB)) {
      return Refuse("tensor '" + tensor.name + "' is neither a .lora_a nor a .lora_b");
    }
    if (!IsUsableType(tensor.type)) {
      return Refuse("tensor '" + tensor.name + "' is not F32, F16, BF16 or Q8_0");
    }
    const std::string base_name = tensor.name.substr(0, tensor.name.size() - kSuffixA.size());
    Pair& pair = pairs[base_name];
    (is_a ? pair.a : pair.b) = &tensor;
  }
  if (pairs.empty()) {
    return Refuse("there are no tensors in it");
  }
  return pairs;
}

// As libllama demands it: A takes the matrix's input down to the rank, B takes the rank up to its
// output; for the token embedding A and B change places.
bool Fits(const std::string& name, const Pair& pair, const Tensor& base) {
  const Tensor& a = *pair.a;
  const Tensor& b = *pair.b;
  for (std::size_t i = 2; i < kMaxDimensions; ++i) {
    if (Dimension(a, i) != Dimension(base, i) || Dimension(b, i) != Dimension(base, i)) {
      return false;
    }
  }
  if (name.ends_with(kEmbedding)) {
    return Dimension(base, 0) == Dimension(b, 1) && Dimension(base, 1) == Dimension(a, 1) &&
           Dimension(a, 0) == Dimension(b, 0);
  }
  return Dimension(base, 0) == Dimension(a, 0) && Dimension(base, 1) == Dimension(b, 1) &&
         Dimension(a, 1) == Dimension(b, 0);
}

Status CheckPair(const std::string& name, const Pair& pair, const Header& base) {
  if (pair.a == nullptr || pair.b == nullptr) {
    return Refuse("'" + name + "' has only one half of its pair");
  }
  const auto found = std::find_if(base.tensors.begin(), base.tensors.end(),
                                  [&](const Tensor& tensor) { return tensor.name == name; });
  if (found == base.tensors.end() || found->dimensions.size() < 2) {
    return Refuse("the model has no matrix '" + name + "'");
  }
  if (!Fits(name, pair, *found)) {
    return Refuse("the dimensions of '" + name + "' do not fit the model's");
  }
  return OkStatus();
}

}  // namespace

Status CheckAdapter(const Header& adapter, const Header& base) {
  FLOTILLA_RETURN_IF_ERROR(CheckMetadata(adapter, base));
  FLOTILLA_ASSIGN_OR_RETURN(const auto pairs, PairUp(adapter));
  for (const auto& [name, pair] : pairs) {
    FLOTILLA_RETURN_IF_ERROR(CheckPair(name, pair, base));
  }
  return OkStatus();
}

}  // namespace flotilla::gguf

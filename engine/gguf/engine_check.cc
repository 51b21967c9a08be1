#include <cmath>

#include "engine/gguf/gguf_reader.h"

namespace flotilla::gguf {
namespace {

// Limits of libllama 0.5.0 (LLAMA_MAX_LAYERS, LLAMA_MAX_EXPERTS): beyond them it aborts.
constexpr std::uint64_t kMaxBlocks = 512;
constexpr std::uint64_t kMaxExperts = 512;

Status Refuse(const std::string& key, const std::string& why) {
  return DataLoss("GGUF: " + key + " " + why);
}

Status CheckFloat(const Metadata& entry) {
  const bool epsilon = entry.key.ends_with("epsilon");
  const auto* const value = std::get_if<double>(&entry.value);
  if (value == nullptr) {
    return epsilon ? Refuse(entry.key, "is not a floating-point number") : OkStatus();
  }
  if (!std::isfinite(*value)) {
    return Refuse(entry.key, "is not finite");
  }
  if (epsilon && !(*value > 0.0)) {
    return Refuse(entry.key, "is not positive");
  }
  return OkStatus();
}

Status CheckBlocks(const Header& header, const std::string& architecture) {
  const std::string key = architecture + ".block_count";
  const auto blocks = header.FindUnsigned(key);
  if (!blocks || *blocks == 0 || *blocks > kMaxBlocks) {
    return Refuse(key, "is not a number from 1 to 512");
  }
  return OkStatus();
}

Status CheckExperts(const Header& header, const std::string& architecture) {
  const std::string key = architecture + ".expert_count";
  const std::string used_key = architecture + ".expert_used_count";
  const std::uint64_t experts = header.FindUnsigned(key).value_or(0);
  const Metadata* const entry = header.Find(used_key);
  if (entry != nullptr && entry->type == ValueType::kArray) {
    return experts <= kMaxExperts ? OkStatus() : Refuse(key, "is over 512");
  }
  const std::uint64_t used = header.FindUnsigned(used_key).value_or(0);
  if (experts > kMaxExperts || used > experts || (experts > 0 && used == 0)) {
    return Refuse(key, "and expert_used_count do not go together");
  }
  return OkStatus();
}

}  // namespace

Status CheckForEngine(const Header& header) {
  const auto architecture = header.FindText("general.architecture");
  if (!architecture || architecture->empty() || architecture->size() > 64) {
    return Refuse("general.architecture", "is missing or no name");
  }
  if (header.tensors.empty()) {
    return DataLoss("GGUF: there are no tensors in it");
  }
  if (header.FindUnsigned("split.count").value_or(1) > 1) {
    return Refuse("split.count", "says that this is one part of several: merge them first");
  }
  for (const Metadata& entry : header.metadata) {
    FLOTILLA_RETURN_IF_ERROR(CheckFloat(entry));
  }
  FLOTILLA_RETURN_IF_ERROR(CheckBlocks(header, *architecture));
  return CheckExperts(header, *architecture);
}

}  // namespace flotilla::gguf

#include "engine/gguf/model_facts.h"

#include <array>
#include <string_view>
#include <utility>

namespace flotilla::gguf {
namespace {

// llama_ftype of llama.cpp v0.5.0.
constexpr std::array<std::pair<std::uint64_t, std::string_view>, 17> kFileTypes = {{{0, "f32"},
                                                                                    {1, "f16"},
                                                                                    {2, "q4_0"},
                                                                                    {3, "q4_1"},
                                                                                    {7, "q8_0"},
                                                                                    {8, "q5_0"},
                                                                                    {9, "q5_1"},
                                                                                    {10, "q2_k"},
                                                                                    {11, "q3_k_s"},
                                                                                    {12, "q3_k_m"},
                                                                                    {13, "q3_k_l"},
                                                                                    {14, "q4_k_s"},
                                                                                    {15, "q4_k_m"},
                                                                                    {16, "q5_k_s"},
                                                                                    {17, "q5_k_m"},
                                                                                    {18, "q6_k"},
                                                                                    {32, "bf16"}}};

std::string QuantisationOf(const Header& header) {
  const auto type = header.FindUnsigned("general.file_type");
  for (const auto& [number, name] : kFileTypes) {
    if (type.has_value() && *type == number) {
      return std::string(name);
    }
  }
  return {};
}

std::uint64_t ContextBytesPerToken(const Header& header, const std::string& architecture) {
  constexpr std::uint64_t kBytes = 2;
  constexpr std::uint64_t kSane = std::uint64_t{1} << 20;
  const auto number = [&](const char* key) {
    const std::uint64_t found = header.FindUnsigned(architecture + key).value_or(0);
    return found <= kSane ? found : 0;
  };
  const std::uint64_t heads = number(".attention.head_count");
  if (heads == 0) {
    return 0;
  }
  const std::uint64_t head = number(".embedding_length") / heads;
  const bool has_kv_heads = header.Find(architecture + ".attention.head_count_kv") != nullptr;
  const std::uint64_t kv_heads = has_kv_heads ? number(".attention.head_count_kv") : heads;
  const std::uint64_t key = number(".attention.key_length");
  const std::uint64_t value = number(".attention.value_length");
  return number(".block_count") * kv_heads *
         ((key != 0 ? key : head) + (value != 0 ? value : head)) * kBytes;
}

}  // namespace

ModelFacts ReadModelFacts(const Header& header) {
  ModelFacts facts;
  facts.quantisation = QuantisationOf(header);
  const std::string architecture = header.FindText("general.architecture").value_or("");
  facts.trained_context = header.FindUnsigned(architecture + ".context_length").value_or(0);
  facts.context_bytes_per_token = ContextBytesPerToken(header, architecture);
  return facts;
}

}  // namespace flotilla::gguf

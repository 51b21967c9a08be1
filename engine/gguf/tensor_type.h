// How many bytes a GGUF tensor of each ggml type takes.
#ifndef FLOTILLA_ENGINE_GGUF_TENSOR_TYPE_H_
#define FLOTILLA_ENGINE_GGUF_TENSOR_TYPE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace flotilla::gguf {

// Weights are stored in blocks: `elements` of them in `bytes`.
struct TensorType {
  std::uint32_t number = 0;
  std::string_view name;
  std::uint32_t elements = 0;
  std::uint32_t bytes = 0;
};

// The types of ggml at llama.cpp v0.5.0; nothing for a number that has no meaning there.
std::optional<TensorType> FindTensorType(std::uint32_t number);

}  // namespace flotilla::gguf

#endif  // FLOTILLA_ENGINE_GGUF_TENSOR_TYPE_H_

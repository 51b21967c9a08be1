// Owners of libllama's objects.
#ifndef FLOTILLA_ENGINE_LLAMA_LLAMA_PTR_H_
#define FLOTILLA_ENGINE_LLAMA_LLAMA_PTR_H_

#include <cstdio>
#include <memory>

#include "llama.h"

namespace flotilla::engine {

template <auto Free>
struct LlamaDeleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using LlamaModelPtr = std::unique_ptr<llama_model, LlamaDeleter<llama_model_free>>;
using LlamaContextPtr = std::unique_ptr<llama_context, LlamaDeleter<llama_free>>;
using LlamaSamplerPtr = std::unique_ptr<llama_sampler, LlamaDeleter<llama_sampler_free>>;

struct FileCloser {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using FilePtr = std::unique_ptr<std::FILE, FileCloser>;

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_LLAMA_PTR_H_

// The header of a LoRA adapter, checked against a model and against itself.
#include <cstddef>
#include <cstdint>

#include "engine/gguf/adapter_check.h"
#include "engine/gguf/model_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace gguf = flotilla::gguf;
  const auto header = gguf::ParseHeader({data, size}, size);
  if (header.ok()) {
    gguf::Header model = *header;
    model.tensors.push_back({.name = "t0", .dimensions = {32, 32}});
    gguf::CheckAdapter(*header, model).IgnoreError();
    static_cast<void>(gguf::ReadModelFacts(*header));
  }
  return 0;
}

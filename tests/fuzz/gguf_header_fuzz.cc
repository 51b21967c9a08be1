// The header of a downloaded model file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/gguf/gguf_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = flotilla::gguf::ParseHeader({data, size}, size);
  if (header.ok()) {
    flotilla::gguf::CheckForEngine(*header).IgnoreError();
    for (const auto& tensor : header->tensors) {
      if (tensor.file_offset + tensor.bytes > size) {
        std::abort();
      }
    }
  }
  return 0;
}

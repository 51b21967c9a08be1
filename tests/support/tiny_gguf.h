#ifndef FLOTILLA_TESTS_SUPPORT_TINY_GGUF_H_
#define FLOTILLA_TESTS_SUPPORT_TINY_GGUF_H_

#include <cstdint>

#include "base/bytes.h"

namespace flotilla {

struct TinyGgufShape {
  std::uint32_t tensors = 8;
  std::uint64_t weights = 1024;  // of each tensor, F32; a multiple of 8
  std::uint32_t seed = 1;        // other weights for another seed
  // 0: each tensor is a vector; else a matrix with so many inputs, which divide `weights`.
  std::uint64_t inputs = 0;
};

// What stands before the first tensor of such a file.
Bytes MakeGgufHeader(const TinyGgufShape& shape);
// A well-formed GGUF file that passes the engine's header check; its weights mean nothing.
Bytes MakeTinyGguf(const TinyGgufShape& shape);

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_TINY_GGUF_H_

#ifndef FLOTILLA_TESTS_SUPPORT_LORA_GGUF_H_
#define FLOTILLA_TESTS_SUPPORT_LORA_GGUF_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace flotilla::test {

// One tensor of F32: `inner` x `outer`.
struct LoraTensor {
  std::string name;
  std::uint64_t inner = 1;
  std::uint64_t outer = 1;
};

struct LoraShape {
  std::string architecture = "llama";
  std::string general_type = "adapter";
  std::string adapter_type = "lora";
  float alpha = 1.0F;
  // Key of one more entry, a 32-bit number; empty for none.
  std::string extra_key = {};
  std::vector<LoraTensor> tensors = {};
  // Weights swing between minus and plus this; 0: an adapter that changes nothing.
  float strength = 0.0F;
};

// A LoRA adapter with weights that are the same each time.
Bytes MakeLoraGguf(const LoraShape& shape);

// The two tensors of a matrix with so many inputs and outputs.
std::vector<LoraTensor> LoraPair(const std::string& matrix, std::uint64_t inputs,
                                 std::uint64_t outputs, std::uint64_t rank);

// For the demo models of deploy/demo: of rank 2, on the last block's way out. From a strength of 1
// on nothing sensible is left of the answers.
LoraShape DemoLora(float strength);

}  // namespace flotilla::test

#endif  // FLOTILLA_TESTS_SUPPORT_LORA_GGUF_H_

// A LoRA adapter is a GGUF file too: pairs of thin matrices to be added to the base model's.
#ifndef FLOTILLA_ENGINE_GGUF_ADAPTER_CHECK_H_
#define FLOTILLA_ENGINE_GGUF_ADAPTER_CHECK_H_

#include "base/status.h"
#include "engine/gguf/gguf_reader.h"

namespace flotilla::gguf {

// Refuses an adapter that libllama 0.5.0 would refuse for this base, abort on, or apply only in
// part: another general.type, adapter.type or architecture, a tensor that is neither X.lora_a nor
// X.lora_b of a matrix X of the base, a pair that is not whole or whose dimensions do not fit X,
// weights of a type that is not F32, F16, BF16 or Q8_0, floats that are not finite, an adapter that
// waits for invocation tokens. DATA_LOSS with what is wrong. Pure.
Status CheckAdapter(const Header& adapter, const Header& base);

}  // namespace flotilla::gguf

#endif  // FLOTILLA_ENGINE_GGUF_ADAPTER_CHECK_H_

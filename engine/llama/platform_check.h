// Does this machine and this libllama fit the program? Asked before libllama runs its first
// instruction of a kind that an old CPU answers with SIGILL.
#ifndef FLOTILLA_ENGINE_LLAMA_PLATFORM_CHECK_H_
#define FLOTILLA_ENGINE_LLAMA_PLATFORM_CHECK_H_

#include "base/status.h"

namespace flotilla::engine {

// FAILED_PRECONDITION (POLICY_HARDWARE): the CPU lacks AVX2 or FMA and the kernels were built with
// them. Always OK for a libllama that picks its kernels at run time, and on other architectures.
Status CheckCpu();

// FAILED_PRECONDITION (POLICY_ENGINE): the libllama that was linked is another than the one whose
// headers were compiled in. Its binary interface changes under one soname.
Status CheckLlamaVersion();

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_PLATFORM_CHECK_H_

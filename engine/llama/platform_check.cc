#include "engine/llama/platform_check.h"

#include <string>
#include <string_view>

#include "flotilla/v1/failure_reason.pb.h"
#include "llama.h"

namespace flotilla::engine {

Status CheckCpu() {
#if defined(__x86_64__) && !defined(FLOTILLA_ENGINE_DISPATCH)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") == 0 || __builtin_cpu_supports("fma") == 0) {
    return WithReason(
        FailedPrecondition("this CPU has no AVX2 and FMA, which this build of the "
                           "engine needs: use the build with FLOTILLA_ENGINE_DISPATCH"),
        v1::FAILURE_REASON_POLICY_HARDWARE);
  }
#endif
  return OkStatus();
}

Status CheckLlamaVersion() {
  constexpr std::string_view kCompiled = FLOTILLA_LLAMA_VERSION;
  const std::string_view linked = llama_version();
  if (linked != kCompiled) {
    return WithReason(FailedPrecondition("compiled for libllama " + std::string(kCompiled) +
                                         " and linked with " + std::string(linked)),
                      v1::FAILURE_REASON_POLICY_ENGINE);
  }
  return OkStatus();
}

}  // namespace flotilla::engine

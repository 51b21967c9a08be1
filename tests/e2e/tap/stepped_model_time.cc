// The model's stopwatch (llama_time_us, which the linker wraps) reads the stepped clock too.
#include <cstdint>

namespace flotilla {
std::int64_t SteppedMicros();
}  // namespace flotilla

extern "C" {
std::int64_t __wrap_llama_time_us();  // NOLINT(bugprone-reserved-identifier): the linker's name
std::int64_t __wrap_llama_time_us() {
  return flotilla::SteppedMicros();
}
}

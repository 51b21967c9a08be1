// What is accepted encodes to the same bytes, and makes a task.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/dap/task.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  const auto decoded = flotilla::dap::TaskConfiguration::Decode(bytes);
  if (decoded.ok() && decoded->Encode() != flotilla::Bytes(data, data + size)) std::abort();
  if (decoded.ok() && !flotilla::dap::Task::Create(*decoded).ok()) std::abort();
  return 0;
}

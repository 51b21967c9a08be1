// A report of any size: what is accepted encodes to the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/dap/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  const auto decoded = flotilla::dap::Report::Decode(bytes);
  if (decoded.ok() && decoded->Encode() != flotilla::Bytes(data, data + size)) std::abort();
  return 0;
}

// Signed HPKE configurations, as whoever carries them may write them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/dap/hpke_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  const auto decoded = flotilla::dap::SignedHpkeConfigs::Decode(bytes);
  if (decoded.ok() && decoded->Encode() != flotilla::Bytes(data, data + size)) std::abort();
  return 0;
}

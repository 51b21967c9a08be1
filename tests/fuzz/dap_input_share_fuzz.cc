// An opened input share, then the helper's extension in it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  const auto share = flotilla::dap::PlaintextInputShare::Decode(bytes);
  if (!share.ok()) return 0;
  if (share->Encode() != flotilla::Bytes(data, data + size)) std::abort();
  const auto extension = flotilla::dap::DeviceSignature::Decode(share->private_extensions);
  if (extension.ok() && extension->Encode() != share->private_extensions) std::abort();
  return 0;
}

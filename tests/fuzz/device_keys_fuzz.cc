// Reporting keys, as an owner may hand them over: a line that is taken is written back as it means.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "telemetry/aggregator/device_keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = flotilla::AsText({data, size});
  const auto devices = flotilla::telemetry::ParseDeviceKeys(text, "label");
  if (!devices.ok()) return 0;
  for (const auto& device : *devices) {
    const auto again = flotilla::telemetry::ParseDeviceLine(device.Line());
    if (!again.ok() || *again != device || !device.Key().ok()) std::abort();
  }
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/record/report_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  const auto parts = flotilla::record::PartsOfUpload(bytes);
  if (!parts.ok()) return 0;
  if (parts->back().offset + parts->back().size != size) std::abort();
  if (!flotilla::record::CompareUploads(bytes, bytes)->unexpected.empty()) std::abort();
  return 0;
}

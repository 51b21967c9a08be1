// The head of a bundle on arbitrary bytes; what it accepts is written and read again the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ota/format/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ota = flotilla::ota;
  const flotilla::ByteView bytes(data, size);
  const auto head_bytes =
      ota::BundleHeadBytes(bytes.first(std::min(size, ota::kBundlePreludeBytes)));
  if (!head_bytes.ok() || *head_bytes > size) {
    return 0;
  }
  const auto index = ota::ParseBundleHead(bytes.first(*head_bytes), size);
  if (index.ok() && !ota::EncodeBundleHead(*index).ok()) {
    std::abort();
  }
  return 0;
}

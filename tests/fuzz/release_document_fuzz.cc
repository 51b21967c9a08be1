// The release document on arbitrary bytes; what it accepts must read back from what it writes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ota/format/release_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = flotilla::ota::ParseReleaseDocument({data, size});
  if (document.ok()) {
    const auto bytes = flotilla::ota::EncodeReleaseDocument(*document);
    if (!bytes.ok() || *flotilla::ota::ParseReleaseDocument(*bytes) != *document) {
      std::abort();
    }
  }
  return 0;
}

// Certificate signing requests of devices that nobody knows yet, and the tokens they come with.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "security/enrolment_token.h"
#include "security/x509/authority.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  flotilla::security::CheckCsr(bytes).status().IgnoreError();
  flotilla::security::ParseTokenText(flotilla::AsText(bytes)).status().IgnoreError();
  return 0;
}

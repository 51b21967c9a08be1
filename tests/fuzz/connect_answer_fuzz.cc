// What an HTTP proxy says when it is asked to CONNECT.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "security/http_tunnel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto status = flotilla::security::AnswerStatus({reinterpret_cast<const char*>(data), size});
  if (status.ok() && (*status < 0 || *status > 999)) {
    std::abort();
  }
  return 0;
}

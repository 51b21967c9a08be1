// A ping-pong message on arbitrary bytes; what is accepted must be what it encodes to.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/vdaf/ping_pong.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::Bytes bytes(data, data + size);
  const auto message = flotilla::vdaf::PingPongMessage::Decode(bytes);
  if (message.ok() && message->Encode() != bytes) {
    std::abort();
  }
  return 0;
}

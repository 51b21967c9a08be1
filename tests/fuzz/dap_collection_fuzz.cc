// What the helper is asked for, and the sealed answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/dap/collection_messages.h"
#include "telemetry/dap/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  const flotilla::Bytes copy(data, data + size);
  const auto request = flotilla::dap::AggregateShareRequest::Decode(bytes);
  if (request.ok() && request->Encode() != copy) std::abort();
  const auto query = flotilla::dap::CollectionRequest::Decode(bytes);
  if (query.ok() && query->Encode() != copy) std::abort();
  const auto sealed = flotilla::dap::HpkeCiphertext::Decode(bytes);
  if (sealed.ok() && sealed->Encode() != copy) std::abort();
  return 0;
}

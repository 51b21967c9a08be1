// A device's privacy ledger of arbitrary bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/dp/budget.h"
#include "telemetry/dp/ledger_book.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flotilla;  // NOLINT(google-build-using-namespace): one function
  const dp::LedgerContent content = dp::ReadLedger({data, size});
  if (content.intact != (dp::EncodeLedger(content.records) == Bytes(data, data + size))) {
    std::abort();  // what was read whole is what would be written
  }
  const dp::LedgerBook book(content.records);
  const auto record = book.Admit({{1}, 1, {1, 1}}, {FromUnixMillis(0), FromUnixMillis(0)});
  return record.ok() && book.RemainingNanoEpsilon(FromUnixMillis(0)) == 0 ? std::abort(), 1 : 0;
}

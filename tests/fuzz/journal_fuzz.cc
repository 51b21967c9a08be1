// A line's journal of arbitrary bytes, and the recovery that rests on it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ota/journal.h"
#include "ota/recovery.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto content = flotilla::ota::ReadJournal({data, size});
  if (content.good_bytes > size) {
    std::abort();
  }
  flotilla::ota::RecoveryFacts facts;
  facts.journal = content.records;
  flotilla::ota::PlanRecovery(facts);
  return 0;
}

// An entry of SQLite's journal, and the rows inside of its frame.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "controller/storage/journal_body.h"
#include "controller/storage/journal_rows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  flotilla::controller::DecodeJournal(bytes).status().IgnoreError();
  const auto rows = flotilla::controller::DecodeJournalRows(bytes);
  for (std::size_t i = 0; rows.ok() && i < rows->size(); ++i) {
    const auto again = flotilla::controller::EncodeJournal({&rows->at(i)});
    if (!again.ok() ||
        (!again->empty() &&
         flotilla::controller::DecodeJournal(again->front().body)->front() != rows->at(i))) {
      std::abort();
    }
  }
  return 0;
}

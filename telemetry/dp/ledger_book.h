// What a device has spent, and what it may still spend. Pure.
#ifndef FLOTILLA_TELEMETRY_DP_LEDGER_BOOK_H_
#define FLOTILLA_TELEMETRY_DP_LEDGER_BOOK_H_

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "telemetry/dp/charge.h"
#include "telemetry/dp/ledger_record.h"

namespace flotilla::dp {

// Two opinions about the time, because a wrong clock must not free budget in either direction.
struct LedgerTime {
  Time wall;   // the system's clock, which anyone may have set
  Time floor;  // the least that the time can be, from verified sources, not older than this run:
               // nothing is charged before metadata was refreshed
};

// A clock further than this past the floor is not believed, and nothing is charged by it: a charge
// stamped in the year 2106 would count until then.
constexpr Duration kLedgerMaxAhead = absl::Hours(24 * 366);

// A charge is stamped with the latest of wall clock, floor and the stamp before it, and counts
// until the floor is past that by the budget window. One thread at a time.
class LedgerBook {
 public:
  LedgerBook() = default;
  explicit LedgerBook(std::vector<LedgerRecord> records) : records_(std::move(records)) {}

  const std::vector<LedgerRecord>& records() const { return records_; }

  // The record that has to be durable before the report of `charge` is spooled.
  // ALREADY_EXISTS: that task and window were charged; a report may be out, and none is made.
  // RESOURCE_EXHAUSTED: over the cap. FAILED_PRECONDITION: the clock is too far ahead.
  // INVALID_ARGUMENT: it costs nothing.
  StatusOr<LedgerRecord> Admit(const Charge& charge, const LedgerTime& time) const;
  // The record of lost records. FAILED_PRECONDITION as above.
  StatusOr<LedgerRecord> Lost(const LedgerTime& time) const;
  void Add(const LedgerRecord& record) { records_.push_back(record); }

  std::uint64_t RemainingNanoEpsilon(Time floor) const;
  // Forgets what does not count any more.
  void DropExpired(Time floor);

 private:
  StatusOr<Time> Stamp(const LedgerTime& time) const;
  PrivacyCost Live(Time floor) const;

  std::vector<LedgerRecord> records_;
};

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_LEDGER_BOOK_H_

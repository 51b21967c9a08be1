#include "telemetry/dp/ledger_book.h"

#include <algorithm>
#include <cstdint>

#include "telemetry/dp/budget.h"

namespace flotilla::dp {
namespace {

bool IsLive(const LedgerRecord& record, Time floor) {
  return record.stamp + kBudgetWindow > floor;
}

// Up to the next second: stamps are stored in whole ones.
Time CeilSeconds(Time time) {
  const Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  return whole < time ? whole + absl::Seconds(1) : whole;
}

}  // namespace

StatusOr<Time> LedgerBook::Stamp(const LedgerTime& time) const {
  if (time.wall > time.floor + kLedgerMaxAhead) {
    return FailedPrecondition("the clock is more than a year past what is known of the time");
  }
  Time stamp = CeilSeconds(std::max(time.wall, time.floor));
  for (const LedgerRecord& record : records_) {
    stamp = std::max(stamp, record.stamp);
  }
  return stamp;
}

StatusOr<LedgerRecord> LedgerBook::Admit(const Charge& charge, const LedgerTime& time) const {
  if (std::any_of(records_.begin(), records_.end(), [&charge](const LedgerRecord& record) {
        return record.kind == LedgerRecordKind::kCharge && record.charge.id == charge.id;
      })) {
    return AlreadyExists("this window of the task was charged before");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckFits(Live(time.floor), charge.cost));
  FLOTILLA_ASSIGN_OR_RETURN(const Time stamp, Stamp(time));
  return LedgerRecord{LedgerRecordKind::kCharge, stamp, charge};
}

StatusOr<LedgerRecord> LedgerBook::Lost(const LedgerTime& time) const {
  FLOTILLA_ASSIGN_OR_RETURN(const Time stamp, Stamp(time));
  LedgerRecord record{LedgerRecordKind::kLost, stamp, {}};
  record.charge.cost.nano_epsilon = kCapNanoEpsilon;
  return record;
}

PrivacyCost LedgerBook::Live(Time floor) const {
  PrivacyCost live;
  for (const LedgerRecord& record : records_) {
    if (IsLive(record, floor)) {
      live = live + record.charge.cost;
    }
  }
  return live;
}

std::uint64_t LedgerBook::RemainingNanoEpsilon(Time floor) const {
  return dp::RemainingNanoEpsilon(Live(floor));
}

void LedgerBook::DropExpired(Time floor) {
  std::erase_if(records_, [floor](const LedgerRecord& record) { return !IsLive(record, floor); });
}

}  // namespace flotilla::dp

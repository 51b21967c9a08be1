// The one file that knows libical.
#include "controller/rollout/recurrence.h"

#include <cstdint>
#include <memory>
#include <string>

#include <libical/ical.h>

#include "controller/rollout/recurrence_rule.h"

namespace flotilla::rollout {
namespace {

using Frequency = RecurrenceRule::Frequency;

constexpr std::size_t kMostSteps = 20'000;
constexpr std::int64_t kDaysAWeek = 7;
constexpr absl::CivilDay kFirstDay(2024, 1, 1);  // a Monday

struct IteratorFree {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};
using Iterator = std::unique_ptr<icalrecur_iterator, IteratorFree>;

// The largest multiple of `step` that is at most `value`.
std::int64_t FloorTo(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

// The begin of the rule's own period that `from` lies in, so that nothing before is expanded.
absl::CivilDay PeriodBegin(const RecurrenceRule& rule, absl::CivilSecond from) {
  if (rule.frequency == Frequency::kMonthly) {
    const absl::CivilMonth first(kFirstDay);
    return absl::CivilDay(first + FloorTo(absl::CivilMonth(from) - first, rule.interval));
  }
  const std::int64_t days =
      rule.frequency == Frequency::kWeekly ? kDaysAWeek * rule.interval : rule.interval;
  return kFirstDay + FloorTo(absl::CivilDay(from) - kFirstDay, days);
}

icaltimetype IcalTime(absl::CivilDay day) {
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(day.year());
  time.month = day.month();
  time.day = day.day();
  return time;
}

absl::CivilSecond CivilTime(const icaltimetype& time) {
  return absl::CivilSecond(time.year, time.month, time.day, time.hour, time.minute, time.second);
}

StatusOr<std::vector<absl::CivilSecond>> Expand(std::string_view text, absl::CivilSecond from,
                                                std::size_t most) {
  FLOTILLA_ASSIGN_OR_RETURN(const RecurrenceRule rule, ParseRecurrence(text));
  const icalrecurrencetype read = icalrecurrencetype_from_string(TextOf(rule).c_str());
  const Iterator iterator(read.freq == ICAL_NO_RECURRENCE
                              ? nullptr
                              : icalrecur_iterator_new(read, IcalTime(PeriodBegin(rule, from))));
  if (iterator == nullptr) {
    return InvalidArgument("rrule: not a recurrence rule of RFC 5545");
  }
  std::vector<absl::CivilSecond> openings;
  for (std::size_t step = 0; step < kMostSteps && openings.size() < most; ++step) {
    const icaltimetype next = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(next) != 0) {
      break;
    }
    const absl::CivilSecond opening = CivilTime(next);
    if (opening >= from && (openings.empty() || opening > openings.back())) {
      openings.push_back(opening);
    }
  }
  return openings;
}

}  // namespace

Status CheckRecurrence(std::string_view rule) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto openings, Expand(rule, absl::CivilSecond(kFirstDay), 1));
  return openings.empty() ? InvalidArgument("rrule: never opens") : OkStatus();
}

std::vector<absl::CivilSecond> OpeningsFrom(std::string_view rule, absl::CivilSecond from,
                                            std::size_t most) {
  return Expand(rule, from, most).value_or(std::vector<absl::CivilSecond>());
}

}  // namespace flotilla::rollout

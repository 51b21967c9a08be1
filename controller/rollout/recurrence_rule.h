#ifndef FLOTILLA_CONTROLLER_ROLLOUT_RECURRENCE_RULE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_RECURRENCE_RULE_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace flotilla::rollout {

// A recurrence rule, read. Only rules that open again and again are taken, so that whoever expands
// one never searches in vain: a library that looks for the next 31 April looks for centuries.
struct RecurrenceRule {
  enum class Frequency { kDaily, kWeekly, kMonthly };
  // The n-th of a month; 0: each.
  struct Day {
    int ordinal = 0;
    std::string weekday;
  };

  Frequency frequency = Frequency::kDaily;
  int interval = 1;
  // Rising, without repeats; empty: not said.
  std::vector<int> months;
  std::vector<int> month_days;
  std::vector<int> hours;
  std::vector<int> minutes;
  std::vector<int> positions;
  std::vector<Day> days;
  std::string week_start = "MO";
};

// INVALID_ARGUMENT says what is wrong. Beyond RFC 5545: at most 256 bytes and 24 openings a day;
// INTERVAL up to 99; BYDAY has ordinals (up to 5) in MONTHLY alone and stands in DAILY only without
// an INTERVAL; BYMONTHDAY not beside BYDAY; BYSETPOS only beside BYDAY and at most four times its
// days; with BYMONTH, which stands in MONTHLY alone and without an INTERVAL, days up to the 28th
// and ordinals up to 4.
StatusOr<RecurrenceRule> ParseRecurrence(std::string_view text);

// The same in the words of RFC 5545.
std::string TextOf(const RecurrenceRule& rule);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_RECURRENCE_RULE_H_

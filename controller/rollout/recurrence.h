// Recurrence rules of RFC 5545, as far as windows use them: FREQ=DAILY, WEEKLY or MONTHLY with
// INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSETPOS and WKST. What a rule does not
// say is Monday or the first day, at 00:00; an INTERVAL counts from 2024-01-01. Pure: civil times
// of any zone.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_RECURRENCE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_RECURRENCE_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"

#include "base/status.h"

namespace flotilla::rollout {

// INVALID_ARGUMENT: not such a rule (recurrence_rule.h), or longer than 256 bytes.
Status CheckRecurrence(std::string_view rule);

// The first openings at or after `from`, rising, at most `most`; none when it is no rule. Bounded
// work for any text: every rule that is taken opens within a few of its own periods, and at most
// 20,000 openings are looked at.
std::vector<absl::CivilSecond> OpeningsFrom(std::string_view rule, absl::CivilSecond from,
                                            std::size_t most);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_RECURRENCE_H_

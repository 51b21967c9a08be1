#include "controller/rollout/recurrence_rule.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace flotilla::rollout {
namespace {

using Frequency = RecurrenceRule::Frequency;

constexpr std::size_t kMaxBytes = 256;
constexpr std::size_t kMostADay = 24;
constexpr std::size_t kMaxValues = 40;
constexpr int kMaxInterval = 99;
constexpr int kMaxMonthDay = 31;
constexpr int kMaxOrdinal = 5;
// What every month has.
constexpr int kSureMonthDay = 28;
constexpr int kSureOrdinal = 4;
constexpr std::array<const char*, 7> kWeekdays = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

Status Wrong(const std::string& what) {
  return InvalidArgument(absl::StrCat("rrule: ", what));
}

bool IsWeekday(const std::string& text) {
  return std::find(kWeekdays.begin(), kWeekdays.end(), text) != kWeekdays.end();
}

// Digits with a sign before them, at most 3 in all.
StatusOr<int> ReadNumber(const std::string& name, const std::string& text) {
  int number = 0;
  const bool plain = !text.empty() && text.size() <= 3 && text.front() != ' ' && text.back() != ' ';
  if (!plain || !absl::SimpleAtoi(text, &number)) {
    return Wrong(absl::StrCat(name, ": \"", text, "\" is no number"));
  }
  return number;
}

enum class Sign { kPositive, kEither };

// Rising and without repeats, so that openings come in order.
StatusOr<std::vector<int>> ReadNumbers(const std::string& name, const std::string& text, int least,
                                       int most, Sign sign) {
  std::set<int> numbers;
  const std::vector<std::string> values = absl::StrSplit(text, ',');
  for (const std::string& value : values) {
    FLOTILLA_ASSIGN_OR_RETURN(const int number, ReadNumber(name, value));
    const int size = sign == Sign::kEither ? std::abs(number) : number;
    if (size < least || size > most || numbers.size() >= kMaxValues * 2) {
      return Wrong(absl::StrCat(name, ": ", value, " is not between ", least, " and ", most));
    }
    numbers.insert(number);
  }
  return std::vector<int>(numbers.begin(), numbers.end());
}

StatusOr<std::vector<RecurrenceRule::Day>> ReadDays(const std::string& text) {
  std::vector<RecurrenceRule::Day> days;
  const std::vector<std::string> values = absl::StrSplit(text, ',');
  for (const std::string& value : values) {
    RecurrenceRule::Day day;
    day.weekday = value.size() < 2 ? value : value.substr(value.size() - 2);
    if (!IsWeekday(day.weekday) || days.size() >= kMaxValues) {
      return Wrong(absl::StrCat("BYDAY: \"", value, "\" is no day such as MO or -1FR"));
    }
    if (value.size() > 2) {
      FLOTILLA_ASSIGN_OR_RETURN(day.ordinal,
                                ReadNumber("BYDAY", value.substr(0, value.size() - 2)));
      if (day.ordinal == 0 || std::abs(day.ordinal) > kMaxOrdinal) {
        return Wrong(absl::StrCat("BYDAY: ", value, ": a month has at most 5 of a weekday"));
      }
    }
    days.push_back(std::move(day));
  }
  return days;
}

Status ReadFrequency(const std::string& value, RecurrenceRule& rule) {
  static const std::map<std::string, Frequency> known = {{"DAILY", Frequency::kDaily},
                                                         {"WEEKLY", Frequency::kWeekly},
                                                         {"MONTHLY", Frequency::kMonthly}};
  const auto found = known.find(value);
  if (found == known.end()) {
    return Wrong("FREQ must be DAILY, WEEKLY or MONTHLY");
  }
  rule.frequency = found->second;
  return OkStatus();
}

Status ReadWeekStart(const std::string& value, RecurrenceRule& rule) {
  rule.week_start = value;
  return IsWeekday(value) ? OkStatus() : Wrong("WKST must be a day such as MO");
}

Status ReadInterval(const std::string& value, RecurrenceRule& rule) {
  FLOTILLA_ASSIGN_OR_RETURN(rule.interval, ReadNumber("INTERVAL", value));
  return rule.interval >= 1 && rule.interval <= kMaxInterval
             ? OkStatus()
             : Wrong("INTERVAL: must lie between 1 and 99");
}

struct NumberPart {
  std::vector<int> RecurrenceRule::*field = nullptr;
  int least = 0;
  int most = 0;
  Sign sign = Sign::kPositive;
};

Status ReadPart(const std::string& name, const std::string& value, RecurrenceRule& rule) {
  static const std::map<std::string, NumberPart> numbers = {
      {"BYMONTH", {&RecurrenceRule::months, 1, 12, Sign::kPositive}},
      {"BYMONTHDAY", {&RecurrenceRule::month_days, 1, kMaxMonthDay, Sign::kEither}},
      {"BYHOUR", {&RecurrenceRule::hours, 0, 23, Sign::kPositive}},
      {"BYMINUTE", {&RecurrenceRule::minutes, 0, 59, Sign::kPositive}},
      {"BYSETPOS", {&RecurrenceRule::positions, 1, 28, Sign::kEither}},
  };
  if (name == "FREQ") {
    return ReadFrequency(value, rule);
  }
  if (name == "INTERVAL") {
    return ReadInterval(value, rule);
  }
  if (name == "WKST") {
    return ReadWeekStart(value, rule);
  }
  if (name == "BYDAY") {
    FLOTILLA_ASSIGN_OR_RETURN(rule.days, ReadDays(value));
    return OkStatus();
  }
  const auto part = numbers.find(name);
  if (part == numbers.end()) {
    return Wrong(absl::StrCat("a window has no use for \"", name, "\""));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      rule.*part->second.field,
      ReadNumbers(name, value, part->second.least, part->second.most, part->second.sign));
  return OkStatus();
}

int Largest(const std::vector<int>& values) {
  int largest = 0;
  for (const int value : values) {
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

int LargestOrdinal(const RecurrenceRule& rule) {
  int largest = 0;
  for (const RecurrenceRule::Day& day : rule.days) {
    largest = std::max(largest, std::abs(day.ordinal));
  }
  return largest;
}

// In MONTHLY: some month of every few has the day.
Status CheckMonthly(const RecurrenceRule& rule) {
  if (!rule.days.empty() && !rule.month_days.empty()) {
    return Wrong("BYMONTHDAY: not beside BYDAY");
  }
  const bool ordinals = LargestOrdinal(rule) > 0;
  std::set<std::string> weekdays;
  for (const RecurrenceRule::Day& day : rule.days) {
    weekdays.insert(day.weekday);
  }
  const auto sure = static_cast<int>(weekdays.size()) * kSureOrdinal;
  if (!rule.positions.empty() && (ordinals || Largest(rule.positions) > sure)) {
    return Wrong("BYSETPOS: only beside BYDAY without numbers, at most four times its days");
  }
  if (!rule.months.empty() && (rule.interval > 1 || Largest(rule.month_days) > kSureMonthDay ||
                               LargestOrdinal(rule) > kSureOrdinal)) {
    return Wrong("BYMONTH: without INTERVAL, days up to the 28th and numbers up to 4");
  }
  return OkStatus();
}

// It opens again within a few periods.
Status CheckWhole(const RecurrenceRule& rule) {
  const std::size_t hours = std::max<std::size_t>(rule.hours.size(), 1);
  const std::size_t minutes = std::max<std::size_t>(rule.minutes.size(), 1);
  if (hours * minutes > kMostADay) {
    return Wrong("more than 24 openings a day");
  }
  if (rule.frequency == Frequency::kMonthly) {
    return CheckMonthly(rule);
  }
  if (!rule.months.empty() || !rule.month_days.empty() || !rule.positions.empty() ||
      LargestOrdinal(rule) > 0) {
    return Wrong("BYMONTH, BYMONTHDAY, BYSETPOS and numbers in BYDAY are for MONTHLY");
  }
  if (rule.frequency == Frequency::kDaily && rule.interval > 1 && !rule.days.empty()) {
    return Wrong("BYDAY: not beside an INTERVAL of days; WEEKLY has both");
  }
  return OkStatus();
}

void Append(const char* name, const std::vector<int>& values, std::string& text) {
  if (!values.empty()) {
    absl::StrAppend(&text, ";", name, "=", absl::StrJoin(values, ","));
  }
}

}  // namespace

StatusOr<RecurrenceRule> ParseRecurrence(std::string_view text) {
  if (text.empty() || text.size() > kMaxBytes) {
    return Wrong("must have 1 to 256 bytes");
  }
  RecurrenceRule rule;
  std::set<std::string> seen;
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ';');
  for (const std::string& part : parts) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) {
      return Wrong("expected NAME=VALUE;NAME=VALUE, as in FREQ=DAILY;BYHOUR=1");
    }
    const std::string name = part.substr(0, equals);
    if (!seen.insert(name).second) {
      return Wrong(absl::StrCat(name, " stands there twice"));
    }
    FLOTILLA_RETURN_IF_ERROR(ReadPart(name, part.substr(equals + 1), rule));
  }
  if (!seen.contains("FREQ")) {
    return Wrong("FREQ is missing");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckWhole(rule));
  return rule;
}

std::string TextOf(const RecurrenceRule& rule) {
  static constexpr std::array<const char*, 3> kNames = {"DAILY", "WEEKLY", "MONTHLY"};
  std::string text = absl::StrCat("FREQ=", kNames.at(static_cast<std::size_t>(rule.frequency)),
                                  ";INTERVAL=", rule.interval, ";WKST=", rule.week_start);
  Append("BYMONTH", rule.months, text);
  Append("BYMONTHDAY", rule.month_days, text);
  std::string days;
  for (const RecurrenceRule::Day& day : rule.days) {
    absl::StrAppend(&days, days.empty() ? "" : ",",
                    day.ordinal == 0 ? std::string() : absl::StrCat(day.ordinal), day.weekday);
  }
  if (!days.empty()) {
    absl::StrAppend(&text, ";BYDAY=", days);
  }
  Append("BYHOUR", rule.hours, text);
  Append("BYMINUTE", rule.minutes, text);
  Append("BYSETPOS", rule.positions, text);
  return text;
}

}  // namespace flotilla::rollout

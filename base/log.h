// A log line is an event with fields: update.step_failed step=fetch code=DATA_LOSS. Text on a
// terminal, one JSON object a line otherwise, both on stderr. Never a payload, never a secret.
// Thread-safe.
#ifndef FLOTILLA_BASE_LOG_H_
#define FLOTILLA_BASE_LOG_H_

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/status.h"

namespace flotilla {

enum class LogLevel { kUnspecified = 0, kDebug, kInfo, kWarning, kError };
enum class LogForm { kUnspecified = 0, kText, kJson };

struct LogField {
  LogField(std::string_view key_in, std::string_view value_in) : key(key_in), value(value_in) {}
  template <std::integral T>
  LogField(std::string_view key_in, T value_in) : key(key_in), value(std::to_string(value_in)) {}

  std::string_view key;
  std::string value;
};

// kUnspecified: text when stderr is a terminal, JSON otherwise. Call once, first thing in main.
void StartLog(std::string_view program, LogLevel least, LogForm form);

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
inline void LogInfo(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kInfo, event, fields);
}
inline void LogWarning(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kWarning, event, fields);
}
inline void LogError(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kError, event, fields);
}
// With the fields code and text of `status`, and its reason where it has one (docs/errors.md).
void LogStatus(LogLevel level, std::string_view event, const Status& status);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_LOG_H_

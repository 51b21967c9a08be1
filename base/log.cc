#include "base/log.h"

#include <unistd.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace flotilla {
namespace {

spdlog::level::level_enum Spd(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kUnspecified:
    case LogLevel::kInfo:
      break;
  }
  return spdlog::level::info;
}

void AppendEscaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out += "\\u00";
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 15U]);
    } else {
      out.push_back(c);
    }
  }
}

bool NeedsQuotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \t\n\"\\=") != std::string_view::npos;
}

bool& JsonForm() {
  static bool json = false;
  return json;
}

std::string TextLine(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line(event);
  for (const LogField& field : fields) {
    line.push_back(' ');
    line += field.key;
    line.push_back('=');
    if (NeedsQuotes(field.value)) {
      line.push_back('"');
      AppendEscaped(line, field.value);
      line.push_back('"');
    } else {
      line += field.value;
    }
  }
  return line;
}

std::string JsonFields(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = "\"event\":\"";
  AppendEscaped(line, event);
  line.push_back('"');
  for (const LogField& field : fields) {
    line += ",\"";
    AppendEscaped(line, field.key);
    line += "\":\"";
    AppendEscaped(line, field.value);
    line.push_back('"');
  }
  return line;
}

}  // namespace

void StartLog(std::string_view program, LogLevel least, LogForm form) {
  auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  JsonForm() =
      form == LogForm::kJson || (form == LogForm::kUnspecified && ::isatty(STDERR_FILENO) == 0);
  logger->set_pattern(JsonForm()
                          ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":"%n",%v})"
                          : "%H:%M:%S.%e %L %n %v",
                      spdlog::pattern_time_type::utc);
  logger->set_level(Spd(least));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(logger);
}

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  const auto spd_level = Spd(level);
  if (spdlog::default_logger_raw()->should_log(spd_level)) {
    spdlog::default_logger_raw()->log(
        spd_level, JsonForm() ? JsonFields(event, fields) : TextLine(event, fields));
  }
}

void LogStatus(LogLevel level, std::string_view event, const Status& status) {
  const int reason = ReasonNumber(status);
  if (reason == 0) {
    Log(level, event, {{"code", CodeName(status.code())}, {"text", MessageOf(status)}});
    return;
  }
  Log(level, event,
      {{"code", CodeName(status.code())}, {"reason", reason}, {"text", MessageOf(status)}});
}

}  // namespace flotilla

#include "engine/llama/log_tail.h"

#include "llama.h"

namespace flotilla::engine {
namespace {

void KeepLine(ggml_log_level level, const char* text, void* tail) {
  if (level == GGML_LOG_LEVEL_ERROR || level == GGML_LOG_LEVEL_WARN) {
    static_cast<LogTail*>(tail)->Add(text);
  }
}

void DropLine(ggml_log_level /*level*/, const char* /*text*/, void* /*tail*/) {}

}  // namespace

LogTail::LogTail() {
  llama_log_set(KeepLine, this);
}

LogTail::~LogTail() {
  llama_log_set(DropLine, nullptr);
}

std::string LogTail::Text() const {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const std::string& line : lines_) {
    text += (text.empty() ? "" : "; ") + line;
  }
  return text;
}

void LogTail::Add(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
    line.remove_suffix(1);
  }
  if (line.empty()) {
    return;
  }
  const std::lock_guard lock(mutex_);
  lines_.emplace_back(line.substr(0, 256));
  if (lines_.size() > kLines) {
    lines_.pop_front();
  }
}

}  // namespace flotilla::engine

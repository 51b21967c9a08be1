#ifndef FLOTILLA_ENGINE_LLAMA_LOG_TAIL_H_
#define FLOTILLA_ENGINE_LLAMA_LOG_TAIL_H_

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

namespace flotilla::engine {

// Keeps the last warnings and errors of libllama, which prints nothing itself from then on: they
// become the reason when a model does not load. Thread-safe.
//
// libllama has one logger a process: the LogTail made last gets the lines, and after it is gone
// they are dropped.
class LogTail {
 public:
  static constexpr std::size_t kLines = 8;

  LogTail();
  LogTail(const LogTail&) = delete;
  LogTail& operator=(const LogTail&) = delete;
  ~LogTail();

  // The lines, oldest first, joined by "; ". Empty when there were none.
  std::string Text() const;
  void Add(std::string_view line);

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> lines_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_LOG_TAIL_H_

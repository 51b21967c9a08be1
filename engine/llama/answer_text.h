#ifndef FLOTILLA_ENGINE_LLAMA_ANSWER_TEXT_H_
#define FLOTILLA_ENGINE_LLAMA_ANSWER_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flotilla::engine {

// Turns the bytes of tokens into text that may be shown: whole UTF-8 characters, nothing of a stop
// string. Bytes that are no UTF-8 become U+FFFD. Pure.
class AnswerText {
 public:
  // None of `stop` is empty.
  explicit AnswerText(std::vector<std::string> stop) : stop_(std::move(stop)) {}

  // Takes the next bytes and gives the text that can be shown by now. It holds back what may still
  // turn out to be a character's half or a stop string's beginning.
  std::string Add(std::string_view bytes);
  // The rest, after the last bytes.
  std::string Finish();
  // A stop string was complete; nothing comes after it.
  bool stopped() const { return stopped_; }

 private:
  std::string TakeWholeCharacters();
  std::size_t HeldBack() const;

  std::vector<std::string> stop_;
  std::string bytes_;
  std::string text_;
  bool stopped_ = false;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_ANSWER_TEXT_H_

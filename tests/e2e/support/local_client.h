// A local application that asks a device's model.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_LOCAL_CLIENT_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_LOCAL_CLIENT_H_

#include <cstdint>
#include <string>
#include <utility>

#include "tests/e2e/support/http.h"

namespace flotilla::e2e {

// What an answer says of itself.
struct AnswerFacts {
  std::string id;
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
};
// Zeros when `body` is no answer.
AnswerFacts FactsOf(const std::string& body);

class LocalClient {
 public:
  // `url`: "http://127.0.0.1:PORT".
  LocalClient(std::string url, std::string line) : url_(std::move(url)), line_(std::move(line)) {}

  // Greedy answers of at most `tokens` tokens.
  HttpResult Chat(const std::string& text, int tokens) const;
  HttpResult Completion(const std::string& text, int tokens) const;
  // Events; the last one has the facts.
  HttpResult Stream(const std::string& text, int tokens) const;
  // A request that is refused, with the text in each of its fields.
  HttpResult Malformed(const std::string& text) const;
  // The text so often that it fits no context.
  HttpResult Overlong(const std::string& text) const;
  HttpResult MarkSolved(const std::string& id) const;

 private:
  HttpResult Post(const std::string& path, const std::string& body) const;

  std::string url_;
  std::string line_;
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_LOCAL_CLIENT_H_

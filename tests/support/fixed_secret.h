#ifndef FLOTILLA_TESTS_SUPPORT_FIXED_SECRET_H_
#define FLOTILLA_TESTS_SUPPORT_FIXED_SECRET_H_

#include <string>
#include <utility>
#include <vector>

#include "security/secret.h"

namespace flotilla {

// Fake of SecretSource: always the same answer; notes what was asked.
class FixedSecret final : public security::SecretSource {
 public:
  explicit FixedSecret(std::string text) : text_(std::move(text)) {}

  StatusOr<security::Secret> Get(const security::SecretQuestion& question) override {
    questions_.push_back(question);
    return security::Secret(text_);
  }
  const std::vector<security::SecretQuestion>& questions() const { return questions_; }

 private:
  std::string text_;
  std::vector<security::SecretQuestion> questions_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_FIXED_SECRET_H_

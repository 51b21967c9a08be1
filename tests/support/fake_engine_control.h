#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_ENGINE_CONTROL_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_ENGINE_CONTROL_H_

#include <map>
#include <string>

#include "agent/update/engine_control.h"

namespace flotilla::agent {

// EngineControl that only notes what is wanted; the test says what the engines do, by calling the
// listener.
class FakeEngineControl final : public EngineControl {
 public:
  struct Wanted {
    v1::ActiveRecord active;
    TrialTerms terms;
    int runs = 0;
    bool safe_mode = false;
  };

  void Run(const std::string& line, const v1::ActiveRecord& active, const TrialTerms& terms,
           EngineListener& /*listener*/) override {
    lines_[line] = {active, terms, lines_[line].runs + 1, false};
  }
  void EnterSafeMode(const std::string& line, v1::FailureReason /*cause*/) override {
    lines_[line].safe_mode = true;
  }

  const Wanted& Line(const std::string& line) { return lines_[line]; }

 private:
  std::map<std::string, Wanted> lines_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_ENGINE_CONTROL_H_

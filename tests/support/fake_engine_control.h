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
    // Since the last Run.
    StandIn stand_in = StandIn::kUnspecified;
    v1::FailureReason cause = v1::FAILURE_REASON_UNSPECIFIED;
    int stops = 0;
    int drains_ended = 0;
  };

  void Run(const std::string& line, const v1::ActiveRecord& active, const TrialTerms& terms,
           EngineListener& /*listener*/) override {
    const Wanted before = lines_[line];
    lines_[line] = Wanted{.active = active, .terms = terms, .runs = before.runs + 1};
    lines_[line].stops = before.stops;
  }
  void Stop(const std::string& line, const v1::InstalledRelease& /*release*/, StandIn stand_in,
            v1::FailureReason cause, EngineListener& /*listener*/) override {
    lines_[line].stand_in = stand_in;
    lines_[line].cause = cause;
    ++lines_[line].stops;
  }
  void EndDraining(const std::string& line, EngineListener& /*listener*/) override {
    ++lines_[line].drains_ended;
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

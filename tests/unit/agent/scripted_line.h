// A LineMachine whose engines and clock do as the test says.
#ifndef FLOTILLA_TESTS_UNIT_AGENT_SCRIPTED_LINE_H_
#define FLOTILLA_TESTS_UNIT_AGENT_SCRIPTED_LINE_H_

#include <cstdint>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "agent/engine/line_machine.h"

namespace flotilla::agent {

// The only release of that version; it has a static answer.
v1::InstalledRelease LineRelease(const std::string& version);
// What a slot says of it, confirmed and on trial.
v1::ActiveRecord Confirmed(const std::string& version);
v1::ActiveRecord OnTrial(const std::string& version);

// The first action of this kind; nullptr: there is none.
template <typename Action>
const Action* Find(const LineActions& actions) {
  for (const LineAction& action : actions) {
    if (const auto* found = std::get_if<Action>(&action)) {
      return found;
    }
  }
  return nullptr;
}

// The id of the engine that `actions` start; 0 for none.
std::uint64_t Launched(const LineActions& actions);

class ScriptedLine : public testing::Test {
 protected:
  // Brings the release up; the id of its engine.
  std::uint64_t Serve(const v1::ActiveRecord& active, const TrialTerms& terms = {});

  bool fits_ = true;  // one more engine into memory
  Duration now_ = absl::Seconds(1000);
  LineMachine machine_{LineMachineOptions(), [this](const v1::InstalledRelease&) { return fits_; }};
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_UNIT_AGENT_SCRIPTED_LINE_H_

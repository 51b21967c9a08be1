#include "tests/unit/agent/scripted_line.h"

namespace flotilla::agent {

v1::InstalledRelease LineRelease(const std::string& version) {
  v1::InstalledRelease release;
  release.mutable_ref()->set_version(version);
  release.mutable_ref()->set_sha256("sha" + version);
  release.set_model_sha256("model" + version);
  release.set_fallback_answer("Please ask a colleague.");
  return release;
}

v1::ActiveRecord Confirmed(const std::string& version) {
  v1::ActiveRecord active;
  *active.mutable_current() = LineRelease(version);
  return active;
}

v1::ActiveRecord OnTrial(const std::string& version) {
  v1::ActiveRecord active = Confirmed(version);
  active.set_trial(true);
  return active;
}

std::uint64_t Launched(const LineActions& actions) {
  const auto* launch = Find<LaunchEngine>(actions);
  return launch == nullptr ? 0 : launch->id;
}

std::uint64_t ScriptedLine::Serve(const v1::ActiveRecord& active, const TrialTerms& terms) {
  const std::uint64_t id = Launched(machine_.Run(active, terms, now_));
  EXPECT_NE(Find<HandOverSockets>(machine_.OnLoaded(id, now_)), nullptr);
  EXPECT_NE(Find<TellServing>(machine_.OnServing(id, now_)), nullptr);
  return id;
}

}  // namespace flotilla::agent

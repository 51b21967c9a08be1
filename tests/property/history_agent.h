#ifndef FLOTILLA_TESTS_PROPERTY_HISTORY_AGENT_H_
#define FLOTILLA_TESTS_PROPERTY_HISTORY_AGENT_H_

#include <optional>
#include <set>
#include <string>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

namespace flotilla::rollout {

// A device that does what it was told last, one step at a time, and says truthfully what it did.
// What becomes of the reports is the network's business.
class HistoryAgent {
 public:
  // How the release at hand fares at its next step, as the history draws it.
  enum class Luck { kGood, kNotDelivered, kFails, kDegrades, kRejects, kSticks };

  // The desired state of its line; nullptr: nothing is asked.
  void Hear(const v1::Assignment* assignment);
  // The next step of the work at hand; nothing when there is none.
  std::optional<v1::UpdateReport> Step(Luck luck);
  // A confirmed release goes bad: back to the one before.
  std::optional<v1::UpdateReport> GoBad();
  // The controller's book has it at another state: it says its newest again.
  std::optional<v1::UpdateReport> SayAgain() const { return last_; }

  // Version that it runs, on trial or confirmed; empty for none.
  const std::string& runs() const { return runs_; }
  bool busy() const { return work_.has_value(); }

 private:
  // Nothing: it is asked nothing that is new.
  std::optional<v1::UpdateReport> Begin(Luck luck);
  std::optional<v1::UpdateReport> EndTrial(Luck luck);
  bool IsDone(const v1::Assignment& assignment) const;
  v1::UpdateReport Say(v1::DeploymentState state, v1::FailureReason reason);
  v1::UpdateReport End(v1::DeploymentState state, v1::FailureReason reason);

  std::optional<v1::Assignment> heard_;
  std::optional<v1::Assignment> work_;
  v1::DeploymentState at_ = v1::DEPLOYMENT_STATE_PENDING;
  std::string runs_;
  std::string before_;
  // Digest, rollout and attempt of what it has ended.
  std::set<std::string> done_;
  std::string last_done_;
  // Versions that it has confirmed: they lie in its store and run again.
  std::set<std::string> confirmed_;
  // Newest for a rollout.
  std::optional<v1::UpdateReport> last_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_TESTS_PROPERTY_HISTORY_AGENT_H_

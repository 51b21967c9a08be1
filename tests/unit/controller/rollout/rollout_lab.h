// A fleet of simulated devices around a real rollout book: they do what they are told and report
// it.
#ifndef FLOTILLA_TESTS_UNIT_CONTROLLER_ROLLOUT_ROLLOUT_LAB_H_
#define FLOTILLA_TESTS_UNIT_CONTROLLER_ROLLOUT_ROLLOUT_LAB_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/rollout/rollout_book.h"
#include "tests/support/fake_fleet_view.h"

namespace flotilla::rollout {

enum class Conduct { kGood, kFailsGolden, kNotDelivered, kRefusesSignature, kSticksInTrial };

class RolloutLab {
 public:
  static constexpr char kLine[] = "pump";

  explicit RolloutLab(int devices);

  void Publish(const std::string& version, Conduct conduct);
  // Waves of these counts, then the rest; gates auto.
  static v1::RolloutSpec Spec(const std::string& name, const std::string& version,
                              const std::vector<std::uint32_t>& counts,
                              Duration soak = absl::Seconds(5));

  // Both must succeed. Devices answer at once.
  void CreateAndStart(const v1::RolloutSpec& spec);
  Status Act(const std::string& id, v1::RolloutAction action,
             v1::HoldMode hold = v1::HOLD_MODE_UNSPECIFIED);
  // Lets the devices work until nothing changes any more.
  void Settle();
  // Time goes on in steps.
  void Wait(Duration duration, Duration step = absl::Seconds(1));

  // An operator's label.
  void SetLabel(const std::string& device, const std::string& key, const std::string& value);
  void SetOnline(const std::string& device, v1::Liveness liveness);
  // The engine of a confirmed release starts to crash: the device goes back by itself.
  void GoBad(const std::string& device);
  void Report(const std::string& device, const v1::UpdateReport& report);
  v1::UpdateReport ReportOf(const std::string& rollout, v1::DeploymentState state,
                            v1::FailureReason reason = v1::FAILURE_REASON_UNSPECIFIED) const;

  // Version that the device runs; empty for none.
  std::string Runs(const std::string& device) const;
  std::string RunsCount() const;
  const v1::Rollout& Rollout(const std::string& id) const { return *book_.Find(id); }
  v1::DeploymentState StateOf(const std::string& rollout, const std::string& device) const;
  // Members of a wave by name.
  std::vector<std::string> Members(const std::string& rollout, std::uint32_t wave) const;

  // Every row that the store would hold now; a book loaded from it must be the same.
  void Reload();
  void Take(const RolloutChange& change);
  // What the book answered to a rule or an edit.
  Status TakeOf(const StatusOr<RolloutChange>& change);

  testing::FakeFleetView& fleet() { return fleet_; }
  RolloutBook& book() { return book_; }
  Time now() const { return now_; }
  // Versions that a device ever activated.
  const std::set<std::string>& activated(const std::string& device) {
    return devices_[device].activated;
  }

 private:
  struct SimulatedDevice {
    std::string current;
    std::string previous;
    v1::Assignment confirmed;
    std::set<std::string> done;
    std::set<std::string> activated;
  };
  bool Work(const std::string& device);
  void Say(const std::string& device, const v1::Assignment& assignment, v1::DeploymentState state,
           v1::FailureReason reason);
  void Install(const std::string& device, const v1::Assignment& assignment);

  testing::FakeFleetView fleet_;
  RolloutBook book_;
  Time now_;
  std::map<std::string, Conduct> conducts_;
  std::map<std::string, SimulatedDevice> devices_;
  std::map<std::string, v1::Rollout> stored_rollouts_;
  std::map<std::pair<std::string, std::string>, v1::RolloutDevice> stored_devices_;
  std::map<std::string, LineBaseline> stored_baselines_;
  std::map<std::string, v1::Policy> stored_policies_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_TESTS_UNIT_CONTROLLER_ROLLOUT_ROLLOUT_LAB_H_

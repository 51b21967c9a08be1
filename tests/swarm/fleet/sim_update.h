// What a device does with its desired state, without bytes: the walk through the states of an
// update, with waiting times and failures that its seed decides.
#ifndef FLOTILLA_TESTS_SWARM_FLEET_SIM_UPDATE_H_
#define FLOTILLA_TESTS_SWARM_FLEET_SIM_UPDATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/random.h"
#include "base/time.h"

namespace flotilla::swarm {

struct UpdateHabits {
  // Each device waits uniformly up to this before it accepts, and before each further state.
  Duration accept_delay = absl::Seconds(1);
  Duration step_delay = absl::Milliseconds(200);
  // Shares of devices, 0 to 1, whose self-test fails (FAILED_REVERTED) and whose download fails
  // (FAILED_NO_CHANGE). A device fails a release always or never.
  double fail_rate = 0;
  double delivery_fail_rate = 0;
  std::uint64_t seed = 1;
};

// One device's lines. Pure: `now` is monotonic and never goes back. One thread.
class SimUpdate {
 public:
  // `random` must outlive this object.
  SimUpdate(const UpdateHabits& habits, std::string device, Random& random)
      : habits_(habits), device_(std::move(device)), random_(random) {}

  // What is installed, from before.
  void Restore(const std::vector<v1::LineStatus>& installed);
  // Revoked releases: none of them runs from now on. True: a line has one more that is stopped.
  bool TakeStops(const v1::DesiredState& desired);
  void TakeDesired(const v1::DesiredState& desired, Duration now);
  // Reports that are due at `now`, in order.
  std::vector<v1::UpdateReport> Advance(Duration now);
  // When Advance has something to say; nothing while all lines rest.
  std::optional<Duration> next_due() const;
  std::vector<v1::LineStatus> Installed() const;

 private:
  struct Line {
    v1::LineStatus status;
    v1::Assignment wanted;  // as desired last; no release: the line is to be left as it is
    v1::Assignment walking;
    v1::DeploymentState state = v1::DEPLOYMENT_STATE_UNSPECIFIED;  // of `walking`, reported last
    std::optional<Duration> due;
  };
  enum class Fate { kUnspecified = 0, kSucceeds, kFailsDelivery, kFailsQuality };

  Line& LineOf(const std::string& name);
  // Chooses what the line does next when `wanted` changed or a walk ended.
  void Reconsider(Line& line, Duration now);
  // The state for an assignment that needs no walk; unspecified when it needs one.
  v1::DeploymentState AnswerAtOnce(const Line& line) const;
  void Begin(Line& line, Duration now);
  v1::UpdateReport Step(Line& line, Duration now);
  void Install(Line& line);
  Fate FateOf(const v1::ReleaseRef& release) const;
  Duration UpTo(Duration most);

  UpdateHabits habits_;
  std::string device_;
  Random& random_;
  std::vector<Line> lines_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_SIM_UPDATE_H_

// From what an operator asks to a task that device, helper and leader agree on to the byte.
#ifndef FLOTILLA_CONTROLLER_HEALTH_TASK_DRAFT_H_
#define FLOTILLA_CONTROLLER_HEALTH_TASK_DRAFT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/task_configuration.h"
#include "telemetry/schema/metric.h"

namespace flotilla::controller {

// A gate's windows, two of them, and a demonstration's, unless another length is asked for.
constexpr Duration kGateWindow = absl::Hours(6);
constexpr Duration kDemoWindow = absl::Seconds(10);

struct TaskAsk {
  const schema::Metric* metric = nullptr;
  std::string line;
  std::string version;
  Digest release;  // of the release document
  dap::Arm arm = dap::Arm::kFleet;
  dap::TaskKind kind = dap::TaskKind::kReal;
  Duration demo_window = kDemoWindow;
  // Devices that could answer: those on the release, in a demonstration all.
  std::uint64_t cohort_devices = 0;
  // The wave whose private gate asks, "rollout/wave"; empty: an operator asks.
  std::string guards;
  // Windows of a gate; 0: what the tier says, one in a demonstration.
  std::uint32_t looks = 0;
  // Windows of the other arm, which begin then; taken when it leaves half of the time to learn of
  // it.
  std::optional<Time> begin;
  // Other histograms (no gates) that are being collected from this release.
  std::size_t live_histograms = 0;
};

struct TaskEndpoints {
  std::string leader;
  std::string helper;
};

// The configuration by the tier of the cohort's size (telemetry/dp/tier.h). Windows are those of
// schema::WindowAt; the first is the next one that leaves devices and helper time to learn of it
// (ten minutes, two seconds in a demonstration). INVALID_ARGUMENT: a demonstration's window is not
// 5 s to 60 s in steps of 5 s; FAILED_PRECONDITION: the cohort is too small for this metric, in
// words: how small, and from which size on. Pure but for the 16 random bytes that tell two tasks
// apart.
StatusOr<dap::TaskConfiguration> DraftTask(const TaskAsk& ask, const TaskEndpoints& endpoints,
                                           Time now, Random& random);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_TASK_DRAFT_H_

#include "controller/health/cohort.h"

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "controller/fleet/proto_time.h"
#include "telemetry/schema/registry.h"

namespace flotilla::controller {
namespace {

std::string MetricNames() {
  std::string names;
  for (const schema::Metric& metric : schema::AllMetrics()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", std::string(metric.name));
  }
  return names;
}

StatusOr<const v1::Release*> ReleaseOf(const v1::CreateHealthTaskRequest& request,
                                       const std::string& baseline,
                                       const rollout::FleetView& fleet) {
  const std::string& version = request.release().empty() ? baseline : request.release();
  if (version.empty()) {
    return InvalidArgument(absl::StrCat("line '", request.line(),
                                        "' has no baseline yet: say which release is meant"));
  }
  const v1::Release* release = fleet.FindRelease(request.line(), version);
  if (release == nullptr) {
    return InvalidArgument(absl::StrCat("there is no release ", request.line(), " ", version));
  }
  return release;
}

std::uint64_t CountDevices(const TaskAsk& ask, const rollout::FleetView& fleet) {
  std::uint64_t count = 0;
  fleet.ForEachDevice([&](const v1::Device& device) {
    if (device.revoked() || device.decommissioned()) {
      return;
    }
    const bool asked = ask.kind == dap::TaskKind::kDemo || ReleasesOf(device).contains(ask.release);
    count += asked ? 1U : 0U;
  });
  return count;
}

}  // namespace

StatusOr<TaskAsk> AskOf(const v1::CreateHealthTaskRequest& request, const std::string& baseline,
                        const rollout::FleetView& fleet) {
  TaskAsk ask;
  ask.metric = schema::FindMetric(request.metric());
  if (ask.metric == nullptr) {
    return InvalidArgument(
        absl::StrCat("there is no metric '", request.metric(), "'; there are ", MetricNames()));
  }
  if (request.has_demo_window() && !request.demo()) {
    return InvalidArgument("only a demonstration has a window of choice");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Release* release, ReleaseOf(request, baseline, fleet));
  ask.line = request.line();
  ask.version = release->ref().version();
  FLOTILLA_ASSIGN_OR_RETURN(ask.release, Digest::FromBytes(AsBytes(release->ref().sha256())));
  ask.arm = request.arm() == v1::HEALTH_ARM_CANARY    ? dap::Arm::kCanary
            : request.arm() == v1::HEALTH_ARM_CONTROL ? dap::Arm::kControl
                                                      : dap::Arm::kFleet;
  ask.kind = request.demo() ? dap::TaskKind::kDemo : dap::TaskKind::kReal;
  if (request.has_demo_window()) {
    ask.demo_window = FromProto(request.demo_window());
  }
  ask.cohort_devices = CountDevices(ask, fleet);
  return ask;
}

std::set<Digest> ReleasesOf(const v1::Device& device) {
  std::set<Digest> releases;
  for (const v1::LineStatus& line : device.lines()) {
    const StatusOr<Digest> digest = Digest::FromBytes(AsBytes(line.current().sha256()));
    if (digest.ok()) {
      releases.insert(*digest);
    }
  }
  return releases;
}

}  // namespace flotilla::controller

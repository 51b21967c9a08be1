#include "controller/health/health_picture.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "controller/fleet/proto_time.h"
#include "controller/health/health_words.h"
#include "controller/health/window_plan.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMostResults = 256;
constexpr std::size_t kMostOffers = 64;
constexpr int kMostWindows = 16;

std::vector<const LiveTask*> NewestFirst(const LiveTasks& tasks) {
  std::vector<const LiveTask*> newest;
  for (const auto& [id, task] : tasks) {
    newest.push_back(task.get());
  }
  std::stable_sort(newest.begin(), newest.end(), [](const LiveTask* a, const LiveTask* b) {
    return FromProto(a->stored().shown.created_at()) > FromProto(b->stored().shown.created_at());
  });
  return newest;
}

// Of an open window; the work on it changes nothing of its state.
v1::HealthWindow OpenWindow(const dap::Task& task, dap::WindowStart start, Time now) {
  return ShownWindow(task, start, PlanWindow(task, start, {.pending = 1}, now).state, "");
}

v1::HealthResult ResultOf(const LiveTask& live, Time now) {
  v1::HealthResult result;
  *result.mutable_task() = live.stored().shown;
  const auto& windows = live.windows();
  for (auto at = windows.rbegin(); at != windows.rend(); ++at) {
    const bool first = at->first == windows.begin()->first;
    const bool begun = now >= live.task().StartOf(at->first);
    if ((begun || first) && result.windows_size() < kMostWindows) {
      *result.add_windows() = at->second.closed.has_value()
                                  ? *at->second.closed
                                  : OpenWindow(live.task(), at->first, now);
    }
  }
  return result;
}

HealthOffer OfferOf(const LiveTask& live) {
  const dap::TaskConfiguration& configuration = live.task().configuration();
  return {.task = live.id().ToHex(),
          .configuration = live.stored().configuration,
          .release = configuration.cohort.release,
          .kind = configuration.kind,
          .metric = configuration.cohort.metric,
          .schema_version = configuration.cohort.schema_version,
          .guards = live.stored().shown.guards(),
          .until = live.ReportsUntil()};
}

}  // namespace

HealthPicture MakeHealthPicture(const LiveTasks& tasks, const LeaderKeys& keys,
                                const Bytes& helper_configs, Time now) {
  HealthPicture picture;
  picture.leader_identity = keys.identity();
  picture.leader_hpke_configs = keys.signed_configs();
  picture.helper_hpke_configs = helper_configs;
  for (const LiveTask* live : NewestFirst(tasks)) {
    if (picture.results.size() < kMostResults) {
      picture.results.push_back(ResultOf(*live, now));
    }
    if (now < live->ReportsUntil() && picture.offers.size() < kMostOffers) {
      picture.offers.push_back(OfferOf(*live));
    }
  }
  if (picture.results.empty()) {
    picture.reason = "nothing was asked for yet: fleetctl health ask METRIC --line LINE";
  }
  return picture;
}

}  // namespace flotilla::controller

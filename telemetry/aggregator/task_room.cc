#include "telemetry/aggregator/task_room.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "telemetry/dap/admission.h"
#include "telemetry/dap/aggregator_keys.h"

namespace flotilla::telemetry {
namespace {

constexpr std::uint64_t kRegisteredStep = 10;

StatusOr<dap::HpkeConfig> CollectorOf(ByteView encoded) {
  FLOTILLA_ASSIGN_OR_RETURN(const dap::HpkeConfigList list, dap::HpkeConfigList::Decode(encoded));
  if (list.configs.size() != 1) return InvalidArgument("a task has one collector key");
  auto config = list.Choose();
  if (!config.ok()) return InvalidArgument(MessageOf(config.status()));
  return config;
}

dap::WindowStart LastWindow(const dap::Task& task) {
  const dap::TaskConfiguration& configuration = task.configuration();
  return configuration.interval.start + configuration.interval.duration - configuration.window;
}

// The first window that is not closed; one after the last when all are.
dap::WindowStart FirstOpen(const dap::Task& task, Time now) {
  const dap::TaskConfiguration& configuration = task.configuration();
  dap::WindowStart window = configuration.interval.start;
  while (window <= LastWindow(task) && now >= dap::ClosesAt(task, window)) {
    window += configuration.window;
  }
  return window;
}

bool IsLive(const dap::Task& task, Time now) {
  return FirstOpen(task, now) <= LastWindow(task);
}

}  // namespace

// A task where its responder can see it: it does not move.
struct TaskRoom::Seat {
  explicit Seat(dap::Task its_task) : task(std::move(its_task)) {}

  dap::Task task;
  StoredTask stored;
  dap::AggregatorKeys keys;
  std::optional<dap::Responder> responder;
  dap::WindowStart forgotten_before = 0;
};

TaskRoom::TaskRoom(const World& world) : world_(world) {}
TaskRoom::~TaskRoom() = default;

StatusOr<std::unique_ptr<TaskRoom>> TaskRoom::Open(const World& world) {
  std::unique_ptr<TaskRoom> room(new TaskRoom(world));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<StoredTask> tasks, world.store.Tasks());
  for (const StoredTask& task : tasks) {
    const Status seated = room->Sit(task);
    if (!seated.ok()) return DataLoss(absl::StrCat("a stored task: ", MessageOf(seated)));
  }
  return room;
}

Status TaskRoom::Sit(const StoredTask& stored) {
  FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskConfiguration configuration,
                            dap::TaskConfiguration::Decode(stored.configuration));
  FLOTILLA_ASSIGN_OR_RETURN(dap::Task task, dap::Task::Create(configuration));
  auto seat = std::make_unique<Seat>(std::move(task));
  seat->stored = stored;
  seat->keys.verify_key = stored.verify_key;
  FLOTILLA_ASSIGN_OR_RETURN(seat->keys.collector, CollectorOf(stored.collector));
  FLOTILLA_ASSIGN_OR_RETURN(seat->keys.shares, world_.keys.Ring());
  FLOTILLA_ASSIGN_OR_RETURN(
      dap::Responder responder,
      dap::Responder::Create(seat->task, seat->keys, world_.devices, world_.store, world_.random));
  seat->responder.emplace(std::move(responder));
  const dap::TaskId id = seat->task.id();
  seats_.insert_or_assign(id, std::move(seat));
  return OkStatus();
}

StatusOr<dap::TaskId> TaskRoom::Put(const StoredTask& task) {
  FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskConfiguration configuration,
                            dap::TaskConfiguration::Decode(task.configuration));
  FLOTILLA_RETURN_IF_ERROR(CollectorOf(task.collector).status());
  const dap::TaskId id = dap::TaskIdOf(task.configuration);
  const auto known = seats_.find(id);
  if (known != seats_.end()) {
    if (known->second->stored == task) return id;
    return AlreadyExists("the task is known with another key or collector");
  }
  const Time now = world_.clock.Now();
  FLOTILLA_RETURN_IF_ERROR(CheckTask(configuration, world_.policy, LiveTasks(now), now));
  FLOTILLA_RETURN_IF_ERROR(world_.store.PutTask(task));
  FLOTILLA_RETURN_IF_ERROR(Sit(task));
  return id;
}

StatusOr<TaskRoom::Seat*> TaskRoom::SeatOf(const dap::TaskId& task) {
  const auto found = seats_.find(task);
  if (found == seats_.end()) return NotFound("no such task");
  const Status devices = world_.devices.Refresh();
  if (!devices.ok()) {
    return Unavailable(absl::StrCat("the list of devices: ", MessageOf(devices)));
  }
  return found->second.get();
}

StatusOr<Bytes> TaskRoom::Aggregate(const dap::TaskId& task, ByteView request) {
  FLOTILLA_ASSIGN_OR_RETURN(Seat * seat, SeatOf(task));
  return seat->responder->Aggregate(request, world_.clock.Now());
}

StatusOr<Bytes> TaskRoom::ShareOf(const dap::TaskId& task, ByteView request) {
  FLOTILLA_ASSIGN_OR_RETURN(Seat * seat, SeatOf(task));
  return seat->responder->ShareOf(request, world_.clock.Now());
}

StatusOr<HelperStanding> TaskRoom::Standing() {
  FLOTILLA_RETURN_IF_ERROR(RefreshKeys(world_.clock.Now()));
  const Status devices = world_.devices.Refresh();
  if (!devices.ok()) {
    return Unavailable(absl::StrCat("the list of devices: ", MessageOf(devices)));
  }
  return HelperStanding{
      .signed_configs = world_.keys.signed_configs(),
      .registered_devices = world_.devices.size() / kRegisteredStep * kRegisteredStep};
}

std::size_t TaskRoom::LiveTasks(Time now) const {
  return static_cast<std::size_t>(
      std::count_if(seats_.begin(), seats_.end(),
                    [now](const auto& seat) { return IsLive(seat.second->task, now); }));
}

Status TaskRoom::RefreshKeys(Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const bool changed, world_.keys.Refresh(now));
  if (!changed) return OkStatus();
  for (auto& [id, seat] : seats_) {
    FLOTILLA_ASSIGN_OR_RETURN(seat->keys.shares, world_.keys.Ring());
  }
  return OkStatus();
}

Status TaskRoom::Tidy() {
  const Time now = world_.clock.Now();
  FLOTILLA_RETURN_IF_ERROR(RefreshKeys(now));
  FLOTILLA_RETURN_IF_ERROR(ForgetOld(now));
  return world_.store.ForgetCharges(now);
}

Status TaskRoom::ForgetOld(Time now) {
  for (auto seat = seats_.begin(); seat != seats_.end();) {
    const dap::Task& task = seat->second->task;
    if (now >= dap::ClosesAt(task, LastWindow(task)) + kSumsKept) {
      FLOTILLA_RETURN_IF_ERROR(world_.store.ForgetTask(task.id()));
      seat = seats_.erase(seat);
      continue;
    }
    const dap::WindowStart open = FirstOpen(task, now);
    if (open > seat->second->forgotten_before && open > task.configuration().interval.start) {
      FLOTILLA_RETURN_IF_ERROR(world_.store.Forget(task.id(), open));
      seat->second->forgotten_before = open;
    }
    ++seat;
  }
  return OkStatus();
}

}  // namespace flotilla::telemetry

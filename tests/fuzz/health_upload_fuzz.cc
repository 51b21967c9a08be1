// What a device uploads to a leader with one live task, bytes as they come and behind the task's
// id: an answer and no crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "controller/health/upload_intake.h"
#include "tests/unit/controller/health/health_world.h"

namespace {

// The task's window is over, and reports are taken.
struct Leader {
  Leader() {
    world.StartLeader();
    const flotilla::dap::Task task = world.AskDemo();
    world.AdvanceTo(task.EndOf(task.configuration().interval.start) + absl::Seconds(2));
    const auto kept = world.store.Load();
    for (const auto& stored : kept->tasks) {
      auto live =
          flotilla::controller::LiveTask::Create(stored, *world.keys, world.shares, world.random);
      id = (*live)->id();
      tasks.emplace(id, *std::move(live));
    }
  }
  flotilla::controller::HealthWorld world{104};
  flotilla::controller::LiveTasks tasks;
  flotilla::dap::TaskId id;
  flotilla::controller::UploadIntake intake{tasks, world.store, world.clock};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto* const leader = new Leader();
  leader->intake.Take("ward-7", {data, size}).IgnoreError();
  flotilla::Bytes message(leader->id.bytes().begin(), leader->id.bytes().end());
  message.insert(message.end(), data, data + size);
  leader->intake.Take("ward-7", message).IgnoreError();
  return 0;
}

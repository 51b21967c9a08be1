#include "controller/health/task_maker.h"

#include <optional>

#include "absl/strings/str_cat.h"

#include "telemetry/schema/registry.h"

namespace flotilla::controller {
namespace {

// Of which there is at most one at a time.
std::string NameOf(const TaskAsk& ask) {
  return absl::StrCat(std::string(ask.metric->name), " ", ask.release.ToHex(), " ",
                      static_cast<int>(ask.arm), " ", static_cast<int>(ask.kind), " ", ask.guards);
}

// Gates of two waves, and an operator's question, are not the same: others are asked.
bool IsSame(const TaskAsk& ask, const StoredHealthTask& stored,
            const dap::TaskConfiguration& task) {
  return stored.shown.guards() == ask.guards && task.cohort.release == ask.release &&
         task.cohort.arm == ask.arm && task.kind == ask.kind &&
         task.cohort.metric == static_cast<std::uint32_t>(ask.metric->id);
}

bool IsHistogram(const dap::TaskConfiguration& task) {
  return task.kind == dap::TaskKind::kReal &&
         task.cohort.metric != static_cast<std::uint32_t>(schema::MetricId::kGateVerdict);
}

Status OfHelper(const Status& status) {
  const bool away =
      status.code() == StatusCode::kUnavailable || status.code() == StatusCode::kDeadlineExceeded;
  return Annotate(status, away ? "the helper does not answer" : "the helper refuses");
}

Status CheckHelperKeys(const HelperKeys& keys) {
  if (keys.schema_version != schema::kSchemaVersion) {
    return FailedPrecondition(absl::StrCat("the helper has schema version ", keys.schema_version,
                                           ", this controller ", schema::kSchemaVersion));
  }
  if (keys.registered_devices < dap::kLeastBatchSize) {
    return FailedPrecondition(absl::StrCat(
        "the cohort is too small: the owner of the devices has registered the reporting keys of ",
        keys.registered_devices,
        " devices with the helper (rounded down to tens), and it gives "
        "nothing away of fewer than ",
        dap::kLeastBatchSize));
  }
  return OkStatus();
}

}  // namespace

struct TaskMaker::Making {
  TaskAsk ask;
  Done done;
  StoredHealthTask stored;
  std::optional<dap::Task> task;
};

void TaskMaker::Create(const TaskAsk& ask, Done done) {
  auto making = std::make_shared<Making>();
  making->ask = ask;
  const Status others = LookAtOthers(making->ask);
  if (!others.ok() || !making_.insert(NameOf(ask)).second) {
    done(others.ok() ? AlreadyExists("the same is being asked for") : others);
    return;
  }
  making->done = std::move(done);
  // What the cohort's size forbids is said without asking anybody.
  const auto draft = DraftTask(making->ask, endpoints_, parts_.clock.Now(), parts_.random);
  if (!draft.ok()) {
    Finish(making, draft.status());
    return;
  }
  CheckHelper(making);
}

Status TaskMaker::LookAtOthers(TaskAsk& ask) const {
  ask.live_histograms = 0;
  for (const auto& [id, task] : tasks_) {
    const dap::TaskConfiguration& configuration = task->task().configuration();
    if (!task->IsOpen() || configuration.cohort.release != ask.release) {
      continue;
    }
    if (IsSame(ask, task->stored(), configuration)) {
      return AlreadyExists(
          absl::StrCat("the same is being collected: task ", id.ToHex().substr(0, 12)));
    }
    ask.live_histograms += IsHistogram(configuration) ? 1U : 0U;
  }
  return OkStatus();
}

void TaskMaker::CheckHelper(const std::shared_ptr<Making>& making) {
  parts_.helper.GetHelperKeys([this, making, alive = std::weak_ptr(alive_),
                               &loop = parts_.loop](const StatusOr<HelperKeys>& keys) {
    loop.Post([this, making, alive, keys] {
      if (alive.expired()) {
        return;
      }
      Status status = keys.ok() ? CheckHelperKeys(*keys) : OfHelper(keys.status());
      if (status.ok()) {
        status = DraftFor(making);
      }
      if (!status.ok()) {
        Finish(making, status);
      }
    });
  });
}

Status TaskMaker::DraftFor(const std::shared_ptr<Making>& making) {
  const Time now = parts_.clock.Now();
  FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskConfiguration configuration,
                            DraftTask(making->ask, endpoints_, now, parts_.random));
  FLOTILLA_ASSIGN_OR_RETURN(making->task, dap::Task::Create(configuration));
  making->stored.id = making->task->id();
  making->stored.configuration = making->task->encoded();
  making->stored.shown = ShownTask(making->ask, *making->task, helper_, now);
  parts_.random.Fill(making->stored.verify_key);
  dap::HpkeConfigList collector{{parts_.keys.collector()}};
  parts_.helper.PutTask(
      {making->stored.configuration, making->stored.verify_key, collector.Encode()},
      [this, making, alive = std::weak_ptr(alive_),
       &loop = parts_.loop](const StatusOr<dap::TaskId>& id) {
        loop.Post([this, making, alive, id] {
          if (alive.expired()) {
            return;
          }
          if (!id.ok()) {
            Finish(making, OfHelper(id.status()));
          } else if (*id != making->stored.id) {
            Finish(making, Internal("the helper has another name for this task"));
          } else {
            Keep(making);
          }
        });
      });
  return OkStatus();
}

void TaskMaker::Keep(const std::shared_ptr<Making>& making) {
  auto live = LiveTask::Create(making->stored, parts_.keys, parts_.shares, parts_.random);
  Status status = live.status();
  if (status.ok()) {
    status = parts_.store.PutTask(making->stored);
  }
  if (status.ok()) {
    tasks_.emplace(making->stored.id, *std::move(live));
  }
  Finish(making, status);
}

void TaskMaker::Finish(const std::shared_ptr<Making>& making, const Status& status) {
  making_.erase(NameOf(making->ask));
  if (status.ok()) {
    making->done(making->stored.shown);
  } else {
    making->done(status);
  }
}

}  // namespace flotilla::controller

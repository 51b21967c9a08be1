#include "controller/health/health_desk.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "controller/health/health_picture.h"
#include "telemetry/dap/aggregation_messages.h"

namespace flotilla::controller {
namespace {

constexpr Duration kKeysEvery = absl::Minutes(30);
constexpr BackoffOptions kHelperBackoff{.base = absl::Milliseconds(500), .cap = absl::Seconds(30)};

}  // namespace

HealthDesk::HealthDesk(const HealthDeskOptions& options, const HealthParts& parts,
                       HealthBoard& board)
    : parts_(parts),
      board_(board),
      intake_(tasks_, parts.store, parts.clock),
      driver_(
          parts, tasks_,
          {[this] { Publish(); }, [this](const HealthWindowKey& window) { OnSettled(window); }}),
      maker_(parts, tasks_, options.endpoints, options.helper),
      helper_backoff_(kHelperBackoff, parts.random) {}

Status HealthDesk::Load() {
  FLOTILLA_ASSIGN_OR_RETURN(const HealthSnapshot snapshot, parts_.store.Load());
  for (const StoredHealthTask& stored : snapshot.tasks) {
    FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<LiveTask> live,
                              LiveTask::Create(stored, parts_.keys, parts_.shares, parts_.random));
    for (auto& [start, window] : live->windows()) {
      const auto pending = snapshot.pending.find({stored.id, start});
      window.pending = pending == snapshot.pending.end() ? 0 : pending->second;
    }
    tasks_.emplace(stored.id, std::move(live));
  }
  for (const ClosedHealthWindow& closed : snapshot.closed) {
    const auto task = tasks_.find(closed.task);
    if (task != tasks_.end() && task->second->windows().contains(closed.window)) {
      LiveWindow& window = task->second->windows().at(closed.window);
      window.closed = closed.shown;
      window.pending = 0;
    }
  }
  Publish();
  return OkStatus();
}

void HealthDesk::Start() {
  parts_.loop.Post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) {
      RefreshKeys();
      driver_.Look();
    }
  });
}

void HealthDesk::Upload(const std::string& device, const Bytes& message, UploadDone done) {
  parts_.loop.Post([this, alive = std::weak_ptr(alive_), device, message, done = std::move(done)] {
    if (alive.expired()) {
      return;
    }
    done(intake_.Take(device, message));
    if (intake_.TakeFull()) {
      driver_.Look();
    }
  });
}

void HealthDesk::Create(const TaskAsk& ask, TaskMaker::Done done) {
  parts_.loop.Post([this, alive = std::weak_ptr(alive_), ask, done = std::move(done)] {
    if (alive.expired()) {
      return;
    }
    maker_.Create(ask, [this, done](const StatusOr<v1::HealthTask>& task) {
      if (task.ok()) {
        driver_.Look();
      }
      done(task);
    });
  });
}

void HealthDesk::Publish() {
  board_.Publish(MakeHealthPicture(tasks_, parts_.keys, helper_configs_, parts_.clock.Now()));
}

void HealthDesk::OnSettled(const HealthWindowKey& window) {
  intake_.Forget(window);
  if (parts_.forget == nullptr) {
    return;
  }
  // Up to the first window that is still open: what is verified there must not count twice.
  const auto& windows = tasks_.at(window.first)->windows();
  const auto open = std::find_if(windows.begin(), windows.end(),
                                 [](const auto& one) { return !one.second.closed.has_value(); });
  parts_.forget(window.first, open == windows.end() ? windows.rbegin()->first + 1 : open->first);
}

void HealthDesk::RefreshKeys() {
  RotateOwnKeys();
  parts_.helper.GetHelperKeys(
      [this, alive = std::weak_ptr(alive_), &loop = parts_.loop](const StatusOr<HelperKeys>& keys) {
        loop.Post([this, alive, keys] {
          if (!alive.expired()) {
            TakeHelperKeys(keys);
          }
        });
      });
}

void HealthDesk::TakeHelperKeys(const StatusOr<HelperKeys>& keys) {
  Duration again = kKeysEvery;
  if (keys.ok()) {
    helper_backoff_.Reset();
    helper_configs_ = keys->hpke_configs;
    Publish();
  } else {
    LogStatus(LogLevel::kWarning, "health.helper_away", keys.status());
    again = helper_backoff_.Next();
  }
  parts_.loop.PostAfter(again, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) {
      RefreshKeys();
    }
  });
}

void HealthDesk::RotateOwnKeys() {
  const StatusOr<bool> rotated = parts_.keys.Rotate(parts_.clock.Now());
  if (!rotated.ok()) {
    LogStatus(LogLevel::kError, "health.rotation_failed", rotated.status());
    return;
  }
  if (!*rotated) {
    return;
  }
  for (const auto& [id, task] : tasks_) {
    if (const Status taken = task->TakeKeys(parts_.keys); !taken.ok()) {
      LogStatus(LogLevel::kError, "health.rotation_failed", taken);
    }
  }
  LogInfo("health.keys_rotated", {});
}

}  // namespace flotilla::controller

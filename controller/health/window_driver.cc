#include "controller/health/window_driver.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/log.h"
#include "controller/health/health_words.h"
#include "telemetry/dap/admission.h"
#include "telemetry/dap/aggregate_share.h"
#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/collection_messages.h"

namespace flotilla::controller {
namespace {

constexpr BackoffOptions kBackoff{.base = absl::Milliseconds(500), .cap = absl::Seconds(5)};
// The wall clock may jump: nothing waits for it longer.
constexpr Duration kLongestWait = absl::Minutes(1);
constexpr Duration kShortestWait = absl::Milliseconds(10);

// Asking again with the same request changes nothing.
bool IsFinal(const Status& status) {
  switch (status.code()) {
    case StatusCode::kNotFound:
    case StatusCode::kInvalidArgument:
    case StatusCode::kAlreadyExists:
    case StatusCode::kAborted:
    case StatusCode::kFailedPrecondition:
      return true;
    default:
      return false;
  }
}

}  // namespace

WindowDriver::WindowDriver(const HealthParts& parts, LiveTasks& tasks, Hooks hooks)
    : parts_(parts), tasks_(tasks), hooks_(std::move(hooks)) {}

void WindowDriver::Look() {
  Duration look_in = kLongestWait;
  while (!calling_.has_value()) {
    look_in = kLongestWait;
    const std::optional<Due> due = FindDue(look_in);
    if (!due.has_value() || !Do(*due)) {
      break;
    }
  }
  hooks_.looked();
  parts_.loop.Cancel(timer_);
  if (!calling_.has_value()) {
    timer_ = parts_.loop.PostAfter(std::max(look_in, kShortestWait),
                                   [this, alive = std::weak_ptr(alive_)] {
                                     if (!alive.expired()) {
                                       Look();
                                     }
                                   });
  }
}

Duration WindowDriver::RestOf(const HealthWindowKey& window) const {
  const auto retry = retries_.find(window);
  return retry == retries_.end() ? absl::ZeroDuration()
                                 : retry->second.at - parts_.clock.Monotonic();
}

std::optional<WindowDriver::Due> WindowDriver::FindDue(Duration& look_in) {
  const Time now = parts_.clock.Now();
  std::optional<Due> oldest;
  for (const auto& [id, task] : tasks_) {
    for (const auto& [start, window] : task->windows()) {
      if (window.closed.has_value()) {
        continue;
      }
      if (const Duration rest = RestOf({id, start}); rest > absl::ZeroDuration()) {
        look_in = std::min(look_in, rest);
        continue;
      }
      const Due due{task.get(), start, WindowStep::kUnspecified};
      const StatusOr<WindowPlan> plan = PlanOf(*task, start, now);
      if (!plan.ok()) {
        Note(due, plan.status());
      } else if (plan->step == WindowStep::kWait) {
        look_in = std::min(look_in, plan->look_again - now);
      } else if (!oldest.has_value() ||
                 task->task().EndOf(start) < oldest->task->task().EndOf(oldest->window)) {
        oldest = Due{task.get(), start, plan->step};
      }
    }
  }
  return oldest;
}

StatusOr<WindowPlan> WindowDriver::PlanOf(const LiveTask& task, dap::WindowStart window,
                                          Time now) const {
  WindowFacts facts;
  facts.pending = task.windows().at(window).pending;
  if (now >= task.task().EndOf(window)) {
    FLOTILLA_ASSIGN_OR_RETURN(const dap::BatchBucket bucket,
                              dap::LoadBucket(task.task(), window, parts_.shares));
    facts.accepted = bucket.count;
  }
  return PlanWindow(task.task(), window, facts, now);
}

bool WindowDriver::Do(const Due& due) {
  Status status;
  switch (due.step) {
    case WindowStep::kVerify:
      status = Verify(due);
      break;
    case WindowStep::kCollect:
      status = Collect(due);
      break;
    case WindowStep::kTooFew:
      status =
          CloseWithout(due, v1::HEALTH_WINDOW_STATE_TOO_FEW,
                       absl::StrCat("fewer than ", due.task->task().configuration().min_batch_size,
                                    " distinct devices reported: nothing is ever shown of so few"));
      break;
    default:
      status = CloseWithout(due, v1::HEALTH_WINDOW_STATE_FAILED,
                            "the helper could not be reached before the window closed");
      break;
  }
  Note(due, status);
  return !calling_.has_value();
}

void WindowDriver::Note(const Due& due, const Status& status) {
  if (status.ok()) {
    if (!calling_.has_value()) {
      retries_.erase(due.key());
    }
    return;
  }
  LogStatus(LogLevel::kWarning, "health.step_failed", status);
  const auto retry =
      retries_.try_emplace(due.key(), Retry{Backoff(kBackoff, parts_.random), {}}).first;
  retry->second.at =
      parts_.clock.Monotonic() + std::max(retry->second.backoff.Next(), kShortestWait);
}

Status WindowDriver::Verify(const Due& due) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<PendingReport> oldest,
                            parts_.store.OldestReports(due.key(), dap::kMaxReportsOfJob));
  LiveWindow& window = due.task->windows().at(due.window);
  if (oldest.size() < dap::kMaxReportsOfJob) {
    window.pending = oldest.size();  // what the store has counts
  }
  std::vector<Bytes> reports;
  batch_.clear();
  for (const PendingReport& report : oldest) {
    reports.push_back(report.report);
    batch_.push_back(report.id);
  }
  FLOTILLA_ASSIGN_OR_RETURN(job_, due.task->leader().Start(reports, parts_.clock.Now()));
  if (job_.request.empty()) {  // all were verified before, or are refused here
    FLOTILLA_RETURN_IF_ERROR(parts_.store.Settle(due.key(), batch_));
    window.pending -= batch_.size();
    return OkStatus();
  }
  calling_ = due;
  parts_.helper.InitJob(due.task->id(), job_.request, Returning(due, &WindowDriver::OnJobAnswer));
  return OkStatus();
}

HelperClient::Done<Bytes> WindowDriver::Returning(
    const Due& due, Status (WindowDriver::*next)(const Due&, const StatusOr<Bytes>&)) {
  // `due` points at a task, and tasks go with the driver's owner.
  return [this, due, next, &loop = parts_.loop,
          alive = std::weak_ptr(alive_)](const StatusOr<Bytes>& answer) {
    loop.Post([this, due, next, alive, answer] {
      if (alive.expired()) {
        return;
      }
      calling_.reset();
      Note(due, (this->*next)(due, answer));
      Look();
    });
  };
}

Status WindowDriver::OnJobAnswer(const Due& due, const StatusOr<Bytes>& answer) {
  if (!answer.ok()) {
    return IsFinal(answer.status())
               ? CloseWithout(due, v1::HEALTH_WINDOW_STATE_FAILED,
                              absl::StrCat("the helper refused: ", MessageOf(answer.status())))
               : answer.status();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const dap::LeaderVerdict verdict,
                            due.task->leader().Finish(job_, *answer));
  FLOTILLA_RETURN_IF_ERROR(parts_.store.Settle(due.key(), batch_));
  due.task->windows().at(due.window).pending -= batch_.size();
  LogInfo("health.verified", {{"task", due.task->id().ToHex()},
                              {"accepted", verdict.accepted},
                              {"refused", verdict.refused.size() + job_.refused.size()}});
  return OkStatus();
}

Status WindowDriver::Collect(const Due& due) {
  FLOTILLA_ASSIGN_OR_RETURN(collection_,
                            due.task->leader().Collect(due.window, parts_.clock.Now()));
  calling_ = due;
  parts_.helper.ShareAggregate(due.task->id(), collection_.request,
                               Returning(due, &WindowDriver::OnShareAnswer));
  return OkStatus();
}

Status WindowDriver::OnShareAnswer(const Due& due, const StatusOr<Bytes>& answer) {
  if (answer.ok()) {
    return TakeShare(due, *answer);
  }
  if (answer.status().code() == StatusCode::kFailedPrecondition) {
    return CloseWithout(
        due, v1::HEALTH_WINDOW_STATE_TOO_FEW,
        absl::StrCat("the helper gives nothing away: ", MessageOf(answer.status())));
  }
  return IsFinal(answer.status())
             ? CloseWithout(due, v1::HEALTH_WINDOW_STATE_FAILED,
                            absl::StrCat("the helper refused: ", MessageOf(answer.status())))
             : answer.status();
}

Status WindowDriver::TakeShare(const Due& due, ByteView helper_share) {
  const dap::Task& task = due.task->task();
  FLOTILLA_ASSIGN_OR_RETURN(const dap::HpkeKeyring ring, parts_.keys.CollectorRing());
  const auto counts = dap::OpenAggregate(task, {.interval = task.IntervalOf(due.window)}, ring,
                                         collection_.share, helper_share);
  if (!counts.ok()) {
    return CloseWithout(due, v1::HEALTH_WINDOW_STATE_FAILED,
                        absl::StrCat("the two shares do not open: ", MessageOf(counts.status())));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const dap::BatchBucket bucket,
                            dap::LoadBucket(task, due.window, parts_.shares));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::HealthWindow shown,
                            CollectedWindow(task, due.window, bucket.count, *counts));
  return Close(due, shown);
}

Status WindowDriver::CloseWithout(const Due& due, v1::HealthWindowState state,
                                  const std::string& reason) {
  return Close(due, ShownWindow(due.task->task(), due.window, state, reason));
}

Status WindowDriver::Close(const Due& due, const v1::HealthWindow& shown) {
  FLOTILLA_RETURN_IF_ERROR(parts_.store.CloseWindow({due.task->id(), due.window, shown}));
  LiveWindow& window = due.task->windows().at(due.window);
  window.closed = shown;
  window.pending = 0;
  hooks_.settled(due.key());
  LogInfo("health.window_closed", {{"task", due.task->id().ToHex()},
                                   {"metric", due.task->stored().shown.metric()},
                                   {"state", v1::HealthWindowState_Name(shown.state())}});
  return OkStatus();
}

}  // namespace flotilla::controller

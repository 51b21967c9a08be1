#include "agent/bundle/bundle_desk.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "agent/reconcile/reconciler.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr Duration kLookEvery = absl::Milliseconds(500);
constexpr char kExtension[] = ".bundle";

std::string ShortState(v1::DeploymentState state) {
  constexpr std::string_view kPrefix = "DEPLOYMENT_STATE_";
  return v1::DeploymentState_Name(state).substr(kPrefix.size());
}

// On trial it serves already: the trial goes on by itself.
bool IsEnd(v1::DeploymentState state) {
  return state == v1::DEPLOYMENT_STATE_TRIAL || state >= v1::DEPLOYMENT_STATE_SUCCEEDED;
}

bool IsGood(v1::DeploymentState state) {
  return state == v1::DEPLOYMENT_STATE_TRIAL || state == v1::DEPLOYMENT_STATE_SUCCEEDED ||
         state == v1::DEPLOYMENT_STATE_ALREADY_CURRENT;
}

std::string NameOf(const v1::ReleaseRef& release) {
  return release.line() + " " + release.version();
}

}  // namespace

BundleDesk::BundleDesk(std::filesystem::path state_dir, std::filesystem::path watched, Parts parts)
    : state_dir_(std::move(state_dir)), watched_(std::move(watched)), parts_(std::move(parts)) {}

BundleDesk::~BundleDesk() {
  if (timer_.has_value()) {
    parts_.executor.Cancel(*timer_);
  }
}

void BundleDesk::Start() {
  Tick();
}

void BundleDesk::Tick() {
  timer_ = parts_.executor.PostAfter(kLookEvery, [this] { Tick(); });
  if (job_.has_value()) {
    return;
  }
  const StatusOr<BundleRequest> asked = ReadBundleRequest(state_dir_);
  if (asked.ok()) {
    Begin(*asked, true);
  } else if (const std::optional<BundleRequest> found = NextInFolder()) {
    Begin(*found, false);
  }
}

std::optional<BundleRequest> BundleDesk::NextInFolder() {
  std::error_code error;
  std::filesystem::directory_iterator entries;
  if (!watched_.empty()) {
    entries = std::filesystem::directory_iterator(watched_, error);
  }
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::filesystem::path& file = entries->path();
    std::error_code unreadable;
    const auto size = entries->file_size(unreadable);
    const auto written = entries->last_write_time(unreadable);
    if (unreadable || file.extension() != kExtension) {
      continue;
    }
    const std::string key = file.string() + " " + std::to_string(size) + " " +
                            std::to_string(written.time_since_epoch().count());
    if (seen_.insert(key).second) {
      return BundleRequest{"folder", std::filesystem::absolute(file)};
    }
  }
  return std::nullopt;
}

void BundleDesk::Begin(const BundleRequest& request, bool asked) {
  LogInfo("bundle.begin", {{"file", request.file.string()}});
  Job job;
  job.request = request;
  job.asked = asked;
  job_ = std::move(job);
  Say(BundlePhase::kRunning, "checking " + request.file.filename().string());
  parts_.check(request.file, [this](const auto& releases) { OnChecked(releases); });
}

void BundleDesk::OnChecked(const StatusOr<std::vector<v1::ReleaseRef>>& releases) {
  if (!releases.ok()) {
    job_->failure = releases.status();
    Finish();
    return;
  }
  std::vector<v1::Assignment> assignments;
  for (const v1::ReleaseRef& release : *releases) {
    v1::Assignment assignment = AssignmentOf(release);
    if (job_->open.emplace(release.line(), assignment).second) {
      assignments.push_back(std::move(assignment));
    }
  }
  if (assignments.empty()) {
    Finish();  // metadata alone
    return;
  }
  const Status installed = parts_.install(job_->request.file, assignments);
  if (!installed.ok()) {
    job_->failure = installed;
    Finish();
  }
}

// A new try, or the one that a restart interrupted.
v1::Assignment BundleDesk::AssignmentOf(const v1::ReleaseRef& release) const {
  v1::Assignment assignment;
  *assignment.mutable_release() = release;
  const auto progress = parts_.outbox.Progress(release.line());
  if (progress.ok() && progress->has_value() &&
      (*progress)->assignment.release().sha256() == release.sha256() &&
      (*progress)->assignment.rollout_id().empty()) {
    assignment = (*progress)->assignment;
    if (IsTerminal((*progress)->state)) {
      assignment.set_attempt(assignment.attempt() + 1);
    }
  }
  return assignment;
}

void BundleDesk::OnReport(const v1::UpdateReport& report) {
  if (!job_.has_value()) {
    return;
  }
  const auto open = job_->open.find(report.release().line());
  if (open == job_->open.end() || !report.rollout_id().empty() ||
      report.release().sha256() != open->second.release().sha256()) {
    return;
  }
  const std::string said = NameOf(report.release()) + " " + ShortState(report.state());
  Say(BundlePhase::kRunning, said);
  if (!IsEnd(report.state())) {
    return;
  }
  job_->open.erase(open);
  job_->done.push_back(said);
  if (!IsGood(report.state())) {
    const Status failed = FailedPrecondition(said);
    job_->failure =
        report.reason() == v1::FAILURE_REASON_UNSPECIFIED
            ? failed
            : WithReasonNumber(
                  FailedPrecondition(said + ": " + v1::FailureReason_Name(report.reason())),
                  report.reason());
  }
  if (job_->open.empty()) {
    // Not from inside the director.
    parts_.executor.Post([this] { Finish(); });
  }
}

void BundleDesk::Say(BundlePhase phase, const std::string& text, int reason) {
  if (!job_->asked) {
    return;
  }
  const Status written =
      WriteBundleResult(parts_.fs, state_dir_, {job_->request.id, phase, reason, text});
  if (!written.ok()) {
    LogStatus(LogLevel::kError, "bundle.result_not_written", written);
  }
}

void BundleDesk::Finish() {
  if (!job_.has_value()) {
    return;
  }
  std::string text;
  for (const std::string& done : job_->done) {
    text += (text.empty() ? "" : ", ") + done;
  }
  if (job_->failure.ok()) {
    LogInfo("bundle.installed", {{"file", job_->request.file.string()}, {"releases", text}});
    Say(BundlePhase::kDone, text.empty() ? "metadata is up to date" : text);
  } else {
    LogStatus(LogLevel::kError, "bundle.refused", job_->failure);
    Say(BundlePhase::kFailed, MessageOf(job_->failure), ReasonNumber(job_->failure));
  }
  if (job_->asked) {
    RemoveBundleRequest(parts_.fs, state_dir_).IgnoreError();
  }
  job_.reset();
}

}  // namespace flotilla::agent

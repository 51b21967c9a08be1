#include "tests/swarm/fleet/sim_update.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::swarm {
namespace {

constexpr std::array kWalk = {v1::DEPLOYMENT_STATE_ACCEPTED,     v1::DEPLOYMENT_STATE_DOWNLOADING,
                              v1::DEPLOYMENT_STATE_VERIFYING,    v1::DEPLOYMENT_STATE_STAGED,
                              v1::DEPLOYMENT_STATE_SELF_TESTING, v1::DEPLOYMENT_STATE_ACTIVATING,
                              v1::DEPLOYMENT_STATE_TRIAL,        v1::DEPLOYMENT_STATE_SUCCEEDED};

bool IsEnd(v1::DeploymentState state) {
  return state >= v1::DEPLOYMENT_STATE_SUCCEEDED;
}

bool IsCommitted(v1::DeploymentState state) {
  return state >= v1::DEPLOYMENT_STATE_ACTIVATING && !IsEnd(state);
}

bool SameAssignment(const v1::Assignment& one, const v1::Assignment& other) {
  return one.release().sha256() == other.release().sha256() &&
         one.rollout_id() == other.rollout_id() && one.attempt() == other.attempt();
}

bool IsHeld(const v1::Assignment& wanted, v1::DeploymentState state) {
  switch (wanted.hold()) {
    case v1::HOLD_MODE_DRAIN:
      return state < v1::DEPLOYMENT_STATE_STAGED;
    case v1::HOLD_MODE_FREEZE:
      return state < v1::DEPLOYMENT_STATE_ACTIVATING;
    case v1::HOLD_MODE_ACTIVATION:
      return state >= v1::DEPLOYMENT_STATE_STAGED && state < v1::DEPLOYMENT_STATE_ACTIVATING;
    default:
      return false;
  }
}

v1::UpdateReport ReportOf(const v1::Assignment& assignment, v1::DeploymentState state) {
  v1::UpdateReport report;
  *report.mutable_release() = assignment.release();
  report.set_rollout_id(assignment.rollout_id());
  report.set_rollout_revision(assignment.rollout_revision());
  report.set_wave(assignment.wave());
  report.set_attempt(assignment.attempt());
  report.set_state(state);
  if (state == v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE) {
    report.set_reason(v1::FAILURE_REASON_FETCH_CONNECT);
    report.set_retryable(true);
  } else if (state == v1::DEPLOYMENT_STATE_FAILED_REVERTED) {
    report.set_reason(v1::FAILURE_REASON_INSTALL_SMOKE_FAILED);
  } else if (state == v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE) {
    report.set_reason(v1::FAILURE_REASON_POLICY_MARKED_BAD);
  } else if (state == v1::DEPLOYMENT_STATE_DEFERRED) {
    report.set_reason(v1::FAILURE_REASON_POLICY_PAUSED);
  }
  return report;
}

}  // namespace

void SimUpdate::Restore(const std::vector<v1::LineStatus>& installed) {
  for (const v1::LineStatus& status : installed) {
    LineOf(status.line()).status = status;
  }
}

std::vector<v1::LineStatus> SimUpdate::Installed() const {
  std::vector<v1::LineStatus> installed;
  for (const Line& line : lines_) {
    installed.push_back(line.status);
  }
  return installed;
}

SimUpdate::Line& SimUpdate::LineOf(const std::string& name) {
  const auto found = std::find_if(lines_.begin(), lines_.end(),
                                  [&](const Line& line) { return line.status.line() == name; });
  if (found != lines_.end()) {
    return *found;
  }
  Line& line = lines_.emplace_back();
  line.status.set_line(name);
  return line;
}

bool SimUpdate::TakeStops(const v1::DesiredState& desired) {
  bool news = false;
  for (const v1::ReleaseStop& stop : desired.stops()) {
    const std::string& sha256 = stop.release().sha256();
    Line& line = LineOf(stop.release().line());
    const auto& stopped = line.status.stopped_sha256();
    if (std::find(stopped.begin(), stopped.end(), sha256) != stopped.end()) {
      continue;
    }
    line.status.add_stopped_sha256(sha256);
    line.status.add_marked_bad_sha256(sha256);
    if (line.walking.release().sha256() == sha256) {
      line.walking.Clear();
      line.state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
      line.due.reset();
    }
    news = true;
  }
  return news;
}

void SimUpdate::TakeDesired(const v1::DesiredState& desired, Duration now) {
  for (Line& line : lines_) {
    line.wanted.Clear();
  }
  for (const v1::Assignment& assignment : desired.assignments()) {
    LineOf(assignment.release().line()).wanted = assignment;
  }
  for (Line& line : lines_) {
    Reconsider(line, now);
  }
}

v1::DeploymentState SimUpdate::AnswerAtOnce(const Line& line) const {
  const std::string& wanted = line.wanted.release().sha256();
  const auto& bad = line.status.marked_bad_sha256();
  if (std::find(bad.begin(), bad.end(), wanted) != bad.end()) {
    return v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE;
  }
  if (line.status.current().sha256() == wanted) {
    return v1::DEPLOYMENT_STATE_ALREADY_CURRENT;
  }
  return IsHeld(line.wanted, v1::DEPLOYMENT_STATE_PENDING) ? v1::DEPLOYMENT_STATE_DEFERRED
                                                           : v1::DEPLOYMENT_STATE_UNSPECIFIED;
}

void SimUpdate::Reconsider(Line& line, Duration now) {
  if (IsCommitted(line.state)) {
    return;  // the trial ends first, whatever is wanted
  }
  if (line.wanted.release().sha256().empty()) {
    line.walking.Clear();
    line.state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
    line.due.reset();
    return;
  }
  if (!SameAssignment(line.wanted, line.walking)) {
    Begin(line, now);
    return;
  }
  line.walking = line.wanted;
  if (IsEnd(line.state)) {
    return;
  }
  if (IsHeld(line.wanted, line.state)) {
    line.due.reset();
  } else if (!line.due.has_value()) {
    line.due = now + UpTo(habits_.step_delay);
  }
}

void SimUpdate::Begin(Line& line, Duration now) {
  line.walking = line.wanted;
  line.state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
  const bool at_once = AnswerAtOnce(line) != v1::DEPLOYMENT_STATE_UNSPECIFIED;
  line.due = now + (at_once ? absl::ZeroDuration() : UpTo(habits_.accept_delay));
}

v1::UpdateReport SimUpdate::Step(Line& line, Duration now) {
  const bool starts = line.state == v1::DEPLOYMENT_STATE_UNSPECIFIED;
  if (const v1::DeploymentState answer = AnswerAtOnce(line);
      starts && answer != v1::DEPLOYMENT_STATE_UNSPECIFIED) {
    line.state = answer;
    line.due.reset();
    return ReportOf(line.walking, answer);
  }
  const Fate fate = FateOf(line.walking.release());
  v1::DeploymentState next = *std::upper_bound(kWalk.begin(), kWalk.end() - 1, line.state);
  if (next == v1::DEPLOYMENT_STATE_VERIFYING && fate == Fate::kFailsDelivery) {
    next = v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE;
  } else if (next == v1::DEPLOYMENT_STATE_ACTIVATING && fate == Fate::kFailsQuality) {
    next = v1::DEPLOYMENT_STATE_FAILED_REVERTED;
    *line.status.add_marked_bad_sha256() = line.walking.release().sha256();
  } else if (next == v1::DEPLOYMENT_STATE_SUCCEEDED) {
    Install(line);
  }
  line.state = next;
  line.due.reset();
  v1::UpdateReport report = ReportOf(line.walking, next);
  if (next == v1::DEPLOYMENT_STATE_TRIAL) {
    line.due = now + absl::Seconds(line.walking.trial_duration().seconds()) +
               absl::Nanoseconds(line.walking.trial_duration().nanos()) + UpTo(habits_.step_delay);
  } else if (IsEnd(next)) {
    Reconsider(line, now);  // what was wanted may have changed during the trial
  } else if (!IsHeld(line.walking, next)) {
    line.due = now + UpTo(habits_.step_delay);
  }
  return report;
}

void SimUpdate::Install(Line& line) {
  *line.status.mutable_previous() = line.status.current();
  *line.status.mutable_current() = line.walking.release();
}

std::vector<v1::UpdateReport> SimUpdate::Advance(Duration now) {
  std::vector<v1::UpdateReport> reports;
  for (Line& line : lines_) {
    while (line.due.has_value() && *line.due <= now) {
      reports.push_back(Step(line, *line.due));
    }
  }
  return reports;
}

std::optional<Duration> SimUpdate::next_due() const {
  std::optional<Duration> soonest;
  for (const Line& line : lines_) {
    if (line.due.has_value() && (!soonest.has_value() || *line.due < *soonest)) {
      soonest = line.due;
    }
  }
  return soonest;
}

SimUpdate::Fate SimUpdate::FateOf(const v1::ReleaseRef& release) const {
  const Digest digest =
      security::Sha256(AsBytes(absl::StrCat(device_, "/", release.sha256(), "/", habits_.seed)));
  std::uint64_t drawn = 0;
  for (std::size_t i = 0; i < sizeof drawn; ++i) {
    drawn = drawn << 8U | digest.bytes()[i];
  }
  const double share = std::ldexp(static_cast<double>(drawn >> 11U), -53);  // [0, 1)
  if (share < habits_.fail_rate) {
    return Fate::kFailsQuality;
  }
  return share < habits_.fail_rate + habits_.delivery_fail_rate ? Fate::kFailsDelivery
                                                                : Fate::kSucceeds;
}

Duration SimUpdate::UpTo(Duration most) {
  const std::int64_t micros = absl::ToInt64Microseconds(most);
  return micros <= 0 ? absl::ZeroDuration()
                     : absl::Microseconds(static_cast<std::int64_t>(
                           UniformBelow(random_, static_cast<std::uint64_t>(micros) + 1)));
}

}  // namespace flotilla::swarm

// What a rollout book does about revoked releases: no rollout, baseline or way back names one, and
// every device that may run one is told.
#include <algorithm>
#include <string>
#include <utility>

#include "controller/rollout/change_set.h"
#include "controller/rollout/desired.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/revocation.h"
#include "controller/rollout/rollout_book.h"
#include "controller/rollout/rollout_run.h"
#include "controller/rollout/wind_down.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr int kMaxStops = 32;

bool IsSame(const v1::ReleaseRef& a, const v1::ReleaseRef& b) {
  return !a.sha256().empty() && a.sha256() == b.sha256();
}

Opinion AssignInstead(const v1::ReleaseRef& release, const std::string& why) {
  Opinion opinion{Opinion::Kind::kAssign, {}, why};
  *opinion.assignment.mutable_release() = release;
  return opinion;
}

}  // namespace

const v1::Release* RolloutBook::FindRevoked(const v1::ReleaseRef& release) const {
  const auto& revoked = fleet_.RevokedReleases();
  const auto found = std::find_if(revoked.begin(), revoked.end(), [&](const v1::Release* known) {
    return IsSame(known->ref(), release);
  });
  return found == revoked.end() ? nullptr : *found;
}

const v1::Release* RolloutBook::RevokedCurrent(const v1::Device& device,
                                               const std::string& line) const {
  if (fleet_.RevokedReleases().empty()) {
    return nullptr;
  }
  const v1::LineStatus* status = LineOf(device, line);
  return status == nullptr ? nullptr : FindRevoked(status->current());
}

const v1::ReleaseRef* RolloutBook::BaselineWithout(const v1::ReleaseRef& release) const {
  const auto serves = [&](const v1::ReleaseRef& candidate) {
    return !candidate.version().empty() && !IsSame(candidate, release) &&
           FindRevoked(candidate) == nullptr;
  };
  const auto stable = baselines_.find(release.line());
  if (stable != baselines_.end() && serves(stable->second.release)) {
    return &stable->second.release;
  }
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    const v1::Rollout& row = (*run)->row();
    if ((*run)->spec().line() == release.line() && row.has_baseline() && serves(row.baseline())) {
      return &row.baseline();
    }
  }
  return nullptr;
}

bool RolloutBook::IsUnderWay(const v1::ReleaseRef& release, const std::string& device_id) const {
  return std::any_of(runs_.begin(), runs_.end(), [&](const auto& run) {
    const v1::RolloutDevice* row =
        IsSame(run->row().release(), release) ? run->FindDevice(device_id) : nullptr;
    if (row == nullptr) {
      return false;
    }
    const bool was_at_work = row->reason() == v1::FAILURE_REASON_POLICY_REVOKED &&
                             row->state() == v1::DEPLOYMENT_STATE_REVOKED && row->has_accepted_at();
    return was_at_work || IsAttempting(row->state());
  });
}

Opinion RolloutBook::RevocationOpinion(const v1::Release& revoked, const v1::Device& device) const {
  const std::string why = WhyRevoked(revoked);
  const v1::ServeInstead serve = revoked.revocation().serve();
  if (serve != v1::SERVE_INSTEAD_BASELINE && serve != v1::SERVE_INSTEAD_PREVIOUS) {
    return {Opinion::Kind::kLeave, {}, why};
  }
  if (serve == v1::SERVE_INSTEAD_PREVIOUS) {
    const v1::ReleaseRef& previous = LineOf(device, revoked.ref().line())->previous();
    const v1::Release* known = fleet_.FindRelease(previous.line(), previous.version());
    if (known != nullptr && IsSame(known->ref(), previous) && !known->blocked() &&
        !IsRevoked(*known)) {
      return AssignInstead(previous, why);
    }
  }
  const v1::ReleaseRef* baseline = BaselineWithout(revoked.ref());
  return baseline == nullptr ? Opinion{Opinion::Kind::kLeave, {}, why + ", and there is none"}
                             : AssignInstead(*baseline, why);
}

Opinion RolloutBook::BesideRevocations(const RolloutRun& run, const v1::Device& device,
                                       const v1::Release* revoked, Opinion otherwise) const {
  if (const v1::Release* of_run = FindRevoked(run.row().release()); of_run != nullptr) {
    // Its rollout sends nobody anywhere any more; who went back to what ran before stays there.
    const bool stays = revoked == nullptr && run.FindDevice(device.id()) != nullptr &&
                       of_run->revocation().serve() == v1::SERVE_INSTEAD_PREVIOUS &&
                       LineOf(device, run.spec().line()) != nullptr &&
                       LineOf(device, run.spec().line())->has_current();
    return stays ? Opinion{Opinion::Kind::kLeave, {}, WhyRevoked(*of_run)} : Opinion{};
  }
  if (revoked != nullptr && !Overrules(run.row(), revoked->revocation())) {
    return {};
  }
  const bool names_revoked = otherwise.kind == Opinion::Kind::kAssign &&
                             FindRevoked(otherwise.assignment.release()) != nullptr;
  const bool leaves_revoked = otherwise.kind == Opinion::Kind::kLeave && revoked != nullptr;
  if (names_revoked || leaves_revoked) {
    return {};
  }
  return otherwise;
}

bool RolloutBook::StableIsNewer(const std::string& line, const v1::Release& revoked) const {
  const auto stable = baselines_.find(line);
  const RolloutRun* maker =
      stable == baselines_.end() ? nullptr : FindRun(stable->second.rollout_id);
  return maker != nullptr && !IsSame(maker->row().release(), revoked.ref()) &&
         FromWire(maker->row().created_at()) > FromWire(revoked.revocation().decided_at());
}

bool RolloutBook::IsStoppedOn(const v1::Release& revoked, const v1::Device& device) const {
  if (LineOf(device, revoked.ref().line()) != nullptr) {
    return true;
  }
  return std::any_of(runs_.begin(), runs_.end(), [&](const auto& run) {
    return IsSame(run->row().release(), revoked.ref()) && run->FindDevice(device.id()) != nullptr;
  });
}

void RolloutBook::AddStops(const v1::Device& device, v1::DesiredState& desired) const {
  if (!IsServed(device)) {
    return;
  }
  for (const v1::Release* revoked : fleet_.RevokedReleases()) {
    if (desired.stops_size() >= kMaxStops) {
      return;
    }
    if (IsStoppedOn(*revoked, device)) {
      v1::ReleaseStop& stop = *desired.add_stops();
      *stop.mutable_release() = revoked->ref();
      stop.set_serve(revoked->revocation().serve());
    }
  }
}

void RolloutBook::ReplaceBaselines(const v1::ReleaseRef& revoked, const Turn& turn) {
  const v1::ReleaseRef* found = BaselineWithout(revoked);
  const v1::ReleaseRef instead = found == nullptr ? v1::ReleaseRef() : *found;
  for (const auto& run : runs_) {
    v1::Rollout& row = run->mutable_row();
    if (!IsSame(row.baseline(), revoked)) {
      continue;
    }
    if (found != nullptr) {
      *row.mutable_baseline() = instead;
    } else {
      row.clear_baseline();
    }
    turn.changes.NoteRollout(*run);
  }
  const auto stable = baselines_.find(revoked.line());
  if (stable != baselines_.end() && IsSame(stable->second.release, revoked)) {
    stable->second.release = instead;
    turn.changes.NoteBaseline(stable->second);
  }
}

RolloutChange RolloutBook::OnRevoked(const v1::Release& release, Time now) {
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  ReplaceBaselines(release.ref(), turn);
  for (const auto& run : runs_) {
    if (IsSame(run->row().release(), release.ref())) {
      EndRevoked(*run, WhyRevoked(release), turn);
    } else {
      SettleReturns(*run, turn);
    }
  }
  turn.fleet.ForEachDevice([&](const v1::Device& device) {
    if (IsStoppedOn(release, device)) {
      turn.changes.NoteTouched(device.id());
    }
  });
  return std::move(changes).Take();
}

}  // namespace flotilla::rollout

#include "controller/fleet/rollout_desk.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "controller/fleet/audit_entry.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::controller {
namespace {

constexpr Duration kIdleTick = absl::Seconds(5);
constexpr std::size_t kMaxListed = 1000;

std::string DetailOf(const v1::ActOnRolloutRequest& request) {
  if (request.action() != v1::ROLLOUT_ACTION_EXTEND) {
    return request.comment();
  }
  const std::string by = "by " + DurationText(rollout::FromWire(request.extend_by()));
  return request.comment().empty() ? by : by + ": " + request.comment();
}

Status UnknownRollout(const std::string& id) {
  return NotFound("no rollout " + id);
}

}  // namespace

RolloutDesk::RolloutDesk(rollout::RolloutBook& book, FleetLedger& ledger, Executor& loop,
                         const Clock& clock, const RolloutDeskOptions& options)
    : book_(book),
      ledger_(ledger),
      loop_(loop),
      clock_(clock),
      tick_(options.tick),
      approvals_(options.approvals) {}

void RolloutDesk::Start() {
  ArmTimer();
}

void RolloutDesk::ArmTimer() {
  loop_.Cancel(timer_);
  const Duration delay = ledger_.AnyRolloutActive() ? tick_ : kIdleTick;
  timer_ = loop_.PostAfter(delay, [this] { Tick(); });
}

void RolloutDesk::Tick() {
  rollout::RolloutChange moved = book_.Tick(clock_.Now());
  if (!moved.empty()) {
    ledger_.Record({}, std::move(moved), nullptr);
  }
  ArmTimer();
}

void RolloutDesk::Create(const v1::CreateRolloutRequest& request, const std::string& actor,
                         const std::function<void(StatusOr<v1::CreateRolloutResponse>)>& done) {
  const auto empty =
      request.allow_empty() ? rollout::EmptyMatch::kAllow : rollout::EmptyMatch::kRefuse;
  v1::RolloutSpec spec = request.spec();
  if (ledger_.IsLostRollout(spec.name())) {
    done(AlreadyExists(absl::StrCat("devices have reported about a rollout ", spec.name(),
                                    " that a restore lost; a name is never used again")));
    return;
  }
  spec.set_approvals_needed(std::max(spec.approvals_needed(), approvals_));
  auto moved = book_.Create(spec, ActorName(actor), empty, clock_.Now());
  if (!moved.ok()) {
    done(moved.status());
    return;
  }
  v1::CreateRolloutResponse response;
  if (const v1::Rollout* rollout = book_.Find(spec.name()); rollout != nullptr) {
    *response.mutable_rollout() = *rollout;
  }
  response.set_matching_devices(book_.CountMatching(spec.selector()).value_or(0));
  FleetChange change;
  change.audit.push_back(
      MakeAuditEntry(actor, "rollout.create", "rollout/" + spec.name(),
                     spec.line() + " " + spec.version() +
                         (spec.has_expedite() ? ", expedited: " + spec.expedite().reason() : "")));
  ledger_.Record(std::move(change), *std::move(moved), [done, response](const Status& status) {
    done(status.ok() ? StatusOr<v1::CreateRolloutResponse>(response) : status);
  });
}

StatusOr<rollout::RolloutChange> RolloutDesk::Moved(const v1::ActOnRolloutRequest& request,
                                                    const std::string& by) {
  const std::string& id = request.rollout_id();
  switch (request.action()) {
    case v1::ROLLOUT_ACTION_APPROVE:
      return book_.Approve(id, request.approval(), by, clock_.Now());
    case v1::ROLLOUT_ACTION_EXTEND:
      return book_.Extend(id, rollout::FromWire(request.extend_by()), by, clock_.Now());
    default:
      return book_.Act(id, request.action(), request.hold(), by, clock_.Now());
  }
}

void RolloutDesk::Act(const v1::ActOnRolloutRequest& request, const std::string& actor,
                      const std::function<void(StatusOr<v1::Rollout>)>& done) {
  const std::string& id = request.rollout_id();
  auto moved = Moved(request, ActorName(actor));
  if (!moved.ok()) {
    done(moved.status());
    return;
  }
  const v1::Rollout* rollout = book_.Find(id);
  if (rollout == nullptr) {
    done(UnknownRollout(id));
    return;
  }
  FleetChange change;
  change.audit.push_back(MakeAuditEntry(actor, RolloutActionText(request.action()), "rollout/" + id,
                                        DetailOf(request)));
  ledger_.Record(std::move(change), *std::move(moved),
                 [done, now = *rollout](const Status& status) {
                   done(status.ok() ? StatusOr<v1::Rollout>(now) : status);
                 });
  ArmTimer();
}

void RolloutDesk::Set(const v1::SetRolloutRequest& request, const std::string& actor,
                      const std::function<void(StatusOr<v1::SetRolloutResponse>)>& done) {
  const std::string& id = request.rollout_id();
  std::vector<std::string> changes;
  auto moved = book_.Edit(id, request.spec(), request.revision(), clock_.Now(), changes);
  const v1::Rollout* rollout = book_.Find(id);
  if (!moved.ok() || rollout == nullptr) {
    done(moved.ok() ? UnknownRollout(id) : moved.status());
    return;
  }
  v1::SetRolloutResponse response;
  *response.mutable_rollout() = *rollout;
  response.mutable_changes()->Assign(changes.begin(), changes.end());
  FleetChange change;
  if (!changes.empty()) {
    std::string detail =
        absl::StrCat("revision ", rollout->revision(), ", ", absl::StrJoin(changes, "; "),
                     request.comment().empty() ? "" : ": ", request.comment());
    change.audit.push_back(
        MakeAuditEntry(actor, "rollout.set", absl::StrCat("rollout/", id), detail));
  }
  ledger_.Record(std::move(change), *std::move(moved), [done, response](const Status& status) {
    done(status.ok() ? StatusOr<v1::SetRolloutResponse>(response) : status);
  });
}

void RolloutDesk::TakeGuardStatus(const std::string& id, std::uint32_t wave,
                                  const rollout::GuardStatus& status) {
  rollout::RolloutChange moved = book_.OnGuardStatus(id, wave, status, clock_.Now());
  if (!moved.empty()) {
    ledger_.Record({}, std::move(moved), nullptr);
  }
}

StatusOr<v1::Rollout> RolloutDesk::Find(const std::string& id) const {
  const v1::Rollout* rollout = book_.Find(id);
  if (rollout == nullptr) {
    return UnknownRollout(id);
  }
  return *rollout;
}

std::vector<v1::Rollout> RolloutDesk::List() const {
  std::vector<v1::Rollout> rollouts = book_.List();
  if (rollouts.size() > kMaxListed) {
    rollouts.resize(kMaxListed);
  }
  return rollouts;
}

StatusOr<std::vector<v1::RolloutDevice>> RolloutDesk::Devices(const std::string& id) const {
  if (book_.Find(id) == nullptr) {
    return UnknownRollout(id);
  }
  return book_.Devices(id);
}

StatusOr<std::vector<std::string>> RolloutDesk::Explain(const std::string& id) const {
  if (book_.Find(id) == nullptr) {
    return UnknownRollout(id);
  }
  return book_.ExplainRollout(id);
}

std::string RolloutDesk::BaselineOf(const std::string& line) const {
  for (const rollout::LineBaseline& baseline : book_.Baselines()) {
    if (baseline.line == line) {
      return baseline.release.version();
    }
  }
  return {};
}

std::vector<std::string> RolloutDesk::ExplainDevice(const std::string& device_id) const {
  return book_.ExplainDevice(device_id);
}

}  // namespace flotilla::controller

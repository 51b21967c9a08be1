// Every rollout of the fleet, and what each device should run because of them. Pure: no I/O, no
// clock; a call takes `now` and returns what changed. The caller commits the change and then tells
// the touched devices; a book loaded again from the committed rows goes on where this one stood.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_BOOK_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_BOOK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "flotilla/v1/rollout.pb.h"
#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "base/time.h"
#include "controller/rollout/fleet_pulse.h"
#include "controller/rollout/fleet_view.h"
#include "controller/rollout/guard_status.h"
#include "controller/rollout/policies.h"
#include "controller/rollout/rollout_change.h"

namespace flotilla::rollout {

class ChangeSet;
class RolloutRun;
struct Opinion;
struct Turn;

// Whether a selector that matches no device is accepted.
enum class EmptyMatch { kRefuse, kAllow };

// Not thread-safe: lives on the fleet's executor.
class RolloutBook {
 public:
  // `fleet` must outlive the book.
  explicit RolloutBook(const FleetView& fleet);
  ~RolloutBook();
  RolloutBook(const RolloutBook&) = delete;
  RolloutBook& operator=(const RolloutBook&) = delete;

  // Replaces everything by what was committed before. Nothing is recomputed until the next Tick.
  void Load(const std::vector<v1::Rollout>& rollouts, const std::vector<v1::RolloutDevice>& devices,
            const std::vector<LineBaseline>& baselines,
            const std::vector<v1::Policy>& policies = {});

  // A new rollout in DRAFT, or AWAITING_APPROVAL when the spec needs approvals; its id is the
  // spec's name. `by` is the operator's name. INVALID_ARGUMENT names the field; ALREADY_EXISTS;
  // FAILED_PRECONDITION: release unknown or blocked, or a selector that matches nothing.
  StatusOr<RolloutChange> Create(const v1::RolloutSpec& spec, const std::string& by,
                                 EmptyMatch empty_match, Time now);

  // START, PAUSE (`hold`: drain when unspecified), RESUME, PROMOTE, ABORT, ROLLBACK, DENY, RETRY.
  // Doing what is done already is OK and changes nothing. NOT_FOUND; FAILED_PRECONDITION names the
  // state that does not allow the action; INVALID_ARGUMENT.
  StatusOr<RolloutChange> Act(const std::string& rollout_id, v1::RolloutAction action,
                              v1::HoldMode hold, const std::string& by, Time now);
  // EXTEND: the current wave soaks `longer`; a new revision. Errors as Act.
  StatusOr<RolloutChange> Extend(const std::string& rollout_id, Duration longer,
                                 const std::string& by, Time now);

  // APPROVE. Errors: controller/rollout/approval.h; NOT_FOUND.
  StatusOr<RolloutChange> Approve(const std::string& rollout_id, const v1::Approval& approval,
                                  const std::string& by, Time now);

  // Edits the specification (rollout_edit.h); `changes` tells what changed. ABORTED: `revision` is
  // neither 0 nor the rollout's; NOT_FOUND; FAILED_PRECONDITION: it has ended; INVALID_ARGUMENT.
  StatusOr<RolloutChange> Edit(const std::string& rollout_id, const v1::RolloutSpec& wanted,
                               std::uint32_t revision, Time now, std::vector<std::string>& changes);

  // Errors of these: controller/rollout/policies.h.
  StatusOr<RolloutChange> CreateFreeze(const v1::Freeze& freeze, const std::string& by, Time now);
  StatusOr<RolloutChange> DeleteFreeze(const std::string& name, Time now);
  // Only the line of `pin.release` and its version are read. Also NOT_FOUND: no such device;
  // FAILED_PRECONDITION: the release is not published or is blocked.
  StatusOr<RolloutChange> PinDevice(const v1::Pin& pin, const std::string& by, Time now);
  StatusOr<RolloutChange> UnpinDevice(const std::string& device_id, const std::string& line,
                                      Time now);
  const Policies& policies() const { return policies_; }

  // One report of a device. Late, repeated and unknown reports are harmless; a failing verdict acts
  // in this call.
  RolloutChange OnReport(const std::string& device_id, const v1::UpdateReport& report, Time now);

  // The device was enrolled, said hello, changed its liveness or its installed releases, or was
  // revoked: call after the fleet view shows it.
  RolloutChange OnDevice(const std::string& device_id, Time now);

  // Soaks that end, deadlines, offers, devices that went silent. Call about once a second.
  RolloutChange Tick(Time now);

  // How the private gate of a wave stands; unknown rollouts and decided gates are left alone.
  RolloutChange OnGuardStatus(const std::string& rollout_id, std::uint32_t wave,
                              const GuardStatus& status, Time now);
  // Private gates that are not decided.
  std::vector<GuardOrder> OpenGuards() const;
  // Of these ids of tasks of private gates: those in whose arms the device was drawn.
  std::set<std::string> GuardTasksOf(const std::string& device_id,
                                     const std::set<std::string>& offered) const;

  // The release's revocation came into force (the fleet shows it so): rollouts of it end, what goes
  // back to it goes elsewhere, it is no line's baseline any more.
  RolloutChange OnRevoked(const v1::Release& release, Time now);
  // A rollout had the device at work on the release, or has until it was revoked: what it told of
  // its lines may be older.
  bool IsUnderWay(const v1::ReleaseRef& release, const std::string& device_id) const;
  // What devices of the line take for the baseline without this release; nullptr: there is none.
  const v1::ReleaseRef* BaselineWithout(const v1::ReleaseRef& release) const;

  // What the device should run now, sorted by line, and what it must not run. The caller keeps the
  // generation.
  v1::DesiredState Desired(const std::string& device_id) const;

  // nullptr when unknown. Valid until the next change.
  const v1::Rollout* Find(const std::string& rollout_id) const;
  // Newest first.
  std::vector<v1::Rollout> List() const;
  // By wave, then by device id; empty when the rollout is unknown.
  std::vector<v1::RolloutDevice> Devices(const std::string& rollout_id) const;
  std::vector<LineBaseline> Baselines() const;
  // Devices that a selector matches now. INVALID_ARGUMENT: not a selector.
  StatusOr<std::uint32_t> CountMatching(const std::string& selector) const;

  // Sentences, most important first; empty when unknown.
  std::vector<std::string> ExplainRollout(const std::string& rollout_id) const;
  // Why the device runs what it runs. Reasons by enum name and number.
  std::vector<std::string> ExplainDevice(const std::string& device_id) const;

 private:
  Status Dispatch(RolloutRun& run, v1::RolloutAction action, v1::HoldMode hold,
                  const std::string& by, const Turn& turn);
  Status Start(RolloutRun& run, const std::string& by, const Turn& turn);
  // What its start meets: another active rollout of the line with devices in common. OK: it may
  // start; kQueued: it waits.
  enum class Meets { kNobody, kQueued };
  StatusOr<Meets> MeetOthers(RolloutRun& run, const std::string& by, const Turn& turn);
  // Those that were queued and have nobody before them any more.
  void StartQueued(const Turn& turn);
  // Freezes that began or ended, in every rollout that still offers.
  void NotePolicies(const std::vector<v1::Policy>& changed, const Turn& turn);
  Turn TurnAt(ChangeSet& changes, Time now) const;
  Status RollBack(RolloutRun& run, const std::string& by, const Turn& turn);
  Status Retry(RolloutRun& run, const std::string& by, const Turn& turn);
  // The device is as the fleet shows it now: what waits for it may go on.
  static void Meet(RolloutRun& run, const v1::Device& device, const Turn& turn);
  // Running rollouts pause while the fleet's network is down, and go on when it is back.
  void WatchNetwork(const Turn& turn);
  // What follows from any change of a rollout.
  void Follow(RolloutRun& run, const Turn& turn);
  // A rollout that has completed makes its release the line's baseline, once.
  void TakeBaseline(RolloutRun& run, const Turn& turn);
  RolloutRun* FindRun(const std::string& rollout_id) const;
  RolloutRun* RunOfReport(const std::string& device_id, const v1::UpdateReport& report) const;
  std::vector<std::string> Lines() const;
  // A pin, then the rollouts, then the line's baseline; never a revoked release.
  Opinion OpinionOn(const v1::Device& device, const std::string& line) const;
  // Active rollouts speak first, by priority, then by age; then those that have ended, by age. A
  // hold keeps nobody on a release that was taken back. `revoked`: what the device runs, if that
  // is revoked.
  Opinion RolloutOpinion(const v1::Device& device, const std::string& line,
                         const v1::Release* revoked) const;
  Opinion SpokenFor(const v1::Device& device, const std::string& line,
                    const v1::Release* revoked) const;
  Opinion WayBack(const v1::Device& device, const std::string& line,
                  const v1::Release* revoked) const;
  // Revocations (rollout_book_revocations.cc). nullptr: the release is not revoked.
  const v1::Release* FindRevoked(const v1::ReleaseRef& release) const;
  const v1::Release* RevokedCurrent(const v1::Device& device, const std::string& line) const;
  Opinion RevocationOpinion(const v1::Release& revoked, const v1::Device& device) const;
  // What one rollout says; `otherwise` is that without any revocation.
  Opinion BesideRevocations(const RolloutRun& run, const v1::Device& device,
                            const v1::Release* revoked, Opinion otherwise) const;
  // The line got another baseline after the revocation.
  bool StableIsNewer(const std::string& line, const v1::Release& revoked) const;
  bool IsStoppedOn(const v1::Release& revoked, const v1::Device& device) const;
  void AddStops(const v1::Device& device, v1::DesiredState& desired) const;
  // Lines and rollouts that would go back to the release.
  void ReplaceBaselines(const v1::ReleaseRef& revoked, const Turn& turn);

  const FleetView& fleet_;
  FleetPulse pulse_;
  // In order of creation, oldest first.
  std::vector<std::unique_ptr<RolloutRun>> runs_;
  std::unordered_map<std::string, RolloutRun*> by_id_;
  // By line.
  std::map<std::string, LineBaseline> baselines_;
  Policies policies_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_BOOK_H_

#ifndef FLOTILLA_AGENT_UPDATE_UPDATE_DIRECTOR_H_
#define FLOTILLA_AGENT_UPDATE_UPDATE_DIRECTOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "agent/engine/engine_health_sink.h"
#include "agent/reconcile/reconciler.h"
#include "agent/state/outbox.h"
#include "agent/update/engine_control.h"
#include "agent/update/line_set.h"
#include "agent/update/update_work.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/executor.h"

namespace flotilla::agent {

struct DirectorOptions {
  // Tries of one assignment whose failures are of delivery, before FAILED_NO_CHANGE.
  int delivery_tries = 3;
  BackoffOptions retry{absl::Seconds(5), absl::Seconds(60)};
};

// Leads the device from what it runs to what is desired: reconciler -> worker -> commit point ->
// trial -> confirm or rollback, each phase a report in the outbox before the next depends on it.
// Lives on the agent's loop; its durable writes block for a few disk syncs. After a restart it goes
// on from the slots, the outbox and the saved desired state. Everything passed in must outlive it.
class UpdateDirector final : public EngineListener, private UpdateWorkHandler {
 public:
  struct Parts {
    Executor& executor;
    Clock& clock;
    Random& random;
    Outbox& outbox;
    LineSet& lines;
    UpdateWork& work;
    EngineControl& engines;
    // Reports were appended.
    std::function<void()> on_reports;
    // The condition of the device may have changed.
    std::function<void()> on_condition;
    // Each report as it was appended; may be empty.
    std::function<void(const v1::UpdateReport&)> on_report = nullptr;
    // Told which release a line is committed to, and which was given up; nullptr: nobody.
    EngineHealthSink* health = nullptr;
    // Releases were stopped: what StoppedReleases says has changed.
    std::function<void()> on_lines = nullptr;
    // Whether the device has heard nothing for longer than the release allows; may be empty.
    std::function<bool(const v1::InstalledRelease&)> too_old = nullptr;
  };
  UpdateDirector(const DirectorOptions& options, Parts parts);
  ~UpdateDirector() override;
  UpdateDirector(const UpdateDirector&) = delete;
  UpdateDirector& operator=(const UpdateDirector&) = delete;

  // Starts the engines of what is installed, then takes up `desired`, which was saved.
  void Start(const v1::DesiredState& desired);
  void OnDesiredState(const v1::DesiredState& desired);
  // Nothing is started any more; work in progress is cancelled.
  void Stop();

  // What `too_old` says may be another thing now.
  void OnAgesChanged();
  // Digests of revoked releases that no engine of this device answers with, now and after any
  // restart.
  std::vector<std::string> StoppedReleases(const ota::LineSlots& slots) const;

  Status BeforeTrialStart(const std::string& line) override;
  void OnServing(const std::string& line) override;
  void OnTrialPassed(const std::string& line) override;
  void OnReleaseBad(const std::string& line, v1::FailureReason reason) override;
  void OnStopped(const std::string& line) override;
  void OnConditionChanged() override;

 private:
  // The one update that is under way.
  struct Update {
    v1::Assignment assignment;
    UpdateStage stage = UpdateStage::kUnspecified;
    bool goes_back = false;  // to the previous slot: no trial
    bool working = false;    // the worker has it
    bool cancelled = false;
    v1::DeploymentState cancel_state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
    Status overdue;  // the deadline that passed; OK: none
    int tries = 0;
    std::uint64_t bytes_fetched = 0;
    ota::PrepareResult prepared;
    std::string previous_sha256;
  };

  void OnProgress(v1::DeploymentState state, std::uint64_t bytes_fetched) override;
  void OnPrepared(const StatusOr<ota::PrepareResult>& result,
                  const ota::PrepareTrace& trace) override;

  void ResumeLine(ota::LineSlots& slots);
  void Reconcile();
  Observed Observe() const;
  // False: nothing more to do now.
  bool Carry(const NextAction& action);
  void BeginUpdate(const v1::Assignment& assignment);
  void StartWork();
  void CancelUpdate(const NextAction& action);
  void Activate();
  void GoBack(const v1::Assignment& assignment);
  void OnWorkFailed(const Status& failure, const ota::PrepareTrace& trace);
  bool RetryLater(const Status& failure);
  void EndUpdate();
  // Deadlines of the assignment (update_director_deadlines.cc); one runs at a time.
  void ArmDownloadDeadline();
  void ArmSelfTestDeadline();
  void ArmActivateDeadline();
  void AbandonOverdueTest();
  void ArmDeadline(Duration limit, std::function<void()> passed);
  void RollBackLine(ota::LineSlots& slots, v1::FailureReason reason);
  v1::Assignment AssignmentOf(const ota::LineSlots& slots) const;

  // Releases that must not answer (update_director_stops.cc).
  struct Stopped {
    std::string release_sha256;
    StandIn stand_in = StandIn::kUnspecified;
    v1::FailureReason cause = v1::FAILURE_REASON_UNSPECIFIED;

    friend bool operator==(const Stopped&, const Stopped&) = default;
  };
  void ApplyStops();
  bool MarkStops();
  void EndOldEngines(const ota::LineSlots& slots, const v1::ReleaseRef& revoked);
  // What the mark of the line's current release says, or the controller while that cannot be saved;
  // nullopt: it is not revoked.
  std::optional<v1::ServeInstead> OrderFor(const ota::LineSlots& slots) const;
  v1::FailureReason CauseToStop(const ota::LineSlots& slots) const;
  bool GoesBackAtOnce(const ota::LineSlots& slots) const;
  void StopLine(ota::LineSlots& slots, v1::FailureReason cause);
  void StopEngines(const ota::LineSlots& slots, StandIn stand_in, v1::FailureReason cause);
  void TellLines() const;

  // The line runs what its slots say; nothing when that must not answer.
  void RunLine(ota::LineSlots& slots, const TrialTerms& terms);
  // Of a report's state: whether the device gave the release up.
  void TellIfGivenUp(const v1::ReleaseRef& release, v1::DeploymentState state);
  void TellHealth(const v1::ReleaseRef& release, schema::ReleaseFate fate);
  void Say(v1::DeploymentState state, const Status& why = OkStatus());
  void SayAbout(const v1::Assignment& assignment, const v1::UpdateReport& report);
  void CancelTimer(std::optional<TimerId>& timer);

  DirectorOptions options_;
  Parts parts_;
  Backoff backoff_;
  v1::DesiredState desired_;
  std::optional<Update> update_;
  std::optional<TimerId> retry_timer_;
  std::optional<TimerId> deadline_timer_;
  std::optional<TimerId> mark_timer_;
  // By line: what was stopped since it ran last, and whose engines still have to end.
  std::map<std::string, Stopped> stopped_;
  std::set<std::string> killing_;
  bool ended_ = false;
};

// The trial that an assignment asks for; defaults of TrialTerms where it says nothing.
TrialTerms TermsOf(const v1::Assignment& assignment);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_UPDATE_UPDATE_DIRECTOR_H_

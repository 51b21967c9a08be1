#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_UPDATE_WORK_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_UPDATE_WORK_H_

#include <deque>
#include <map>
#include <string>

#include "agent/update/update_work.h"
#include "base/executor.h"

namespace flotilla::agent {

// UpdateWork without a network: releases by their document's digest stage at once, as the real
// worker would leave them in the journal; others fail as told.
class FakeUpdateWork final : public UpdateWork {
 public:
  explicit FakeUpdateWork(Executor& executor) : executor_(executor) {}

  // From now on Start stages it.
  void Offer(const v1::InstalledRelease& release);
  // The next Start fails so.
  void FailNext(const Status& status) { failures_.push_back(status); }
  // From now on Start waits for Finish (or Cancel).
  void Hold() { held_ = true; }
  void Finish();
  // What the work in progress tells of itself.
  void Tell(v1::DeploymentState state) { handler_->OnProgress(state, 0); }

  void Start(const v1::Assignment& assignment, ota::LineSlots& slots,
             UpdateWorkHandler& handler) override;
  void Cancel() override;
  void CollectGarbage() override { ++collected_; }

  int started() const { return started_; }
  int collected() const { return collected_; }

 private:
  StatusOr<ota::PrepareResult> Stage() const;
  void End(const StatusOr<ota::PrepareResult>& result);

  Executor& executor_;
  std::map<std::string, v1::InstalledRelease> offered_;
  std::deque<Status> failures_;
  bool held_ = false;
  v1::Assignment assignment_;
  ota::LineSlots* slots_ = nullptr;
  UpdateWorkHandler* handler_ = nullptr;
  int started_ = 0;
  int collected_ = 0;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_UPDATE_WORK_H_

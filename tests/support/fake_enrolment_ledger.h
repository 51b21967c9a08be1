#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_ENROLMENT_LEDGER_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_ENROLMENT_LEDGER_H_

#include <functional>
#include <utility>
#include <vector>

#include "base/status.h"
#include "controller/enrolment/enrolment_ledger.h"

namespace flotilla::controller {

// A fleet in memory. Changes are durable at once, or when the test says so.
class FakeEnrolmentLedger final : public EnrolmentLedger {
 public:
  const FleetState& state() const override { return state_; }
  void Apply(FleetChange change, Done done) override {
    state_.Take(change);
    changes_.push_back(std::move(change));
    waiting_.push_back(std::move(done));
    if (!hold_) {
      Settle(OkStatus());
    }
  }

  // From now on `done`s wait for Settle.
  void Hold() { hold_ = true; }
  void Settle(const Status& status) {
    for (const Done& done : std::exchange(waiting_, {})) {
      done(status);
    }
  }
  const std::vector<FleetChange>& changes() const { return changes_; }
  // As an operator's command would.
  void Put(const FleetChange& change) { state_.Take(change); }

 private:
  FleetState state_;
  std::vector<FleetChange> changes_;
  std::vector<Done> waiting_;
  bool hold_ = false;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_ENROLMENT_LEDGER_H_

#ifndef FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_LEDGER_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_LEDGER_H_

#include <functional>

#include "base/status.h"
#include "controller/fleet/fleet_state.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// Port: where Enrolment keeps tokens and devices. Fleet loop only. Real: FleetEnrolmentLedger.
// Fake: FakeEnrolmentLedger (tests/support).
class EnrolmentLedger {
 public:
  using Done = std::function<void(const Status&)>;

  virtual ~EnrolmentLedger() = default;
  virtual const FleetState& state() const = 0;
  // The change is in state() when this returns, so that the last use of a token cannot be given
  // twice; `done` runs on the fleet loop once it is durable.
  virtual void Apply(FleetChange change, Done done) = 0;

 protected:
  EnrolmentLedger() = default;
  EnrolmentLedger(const EnrolmentLedger&) = default;
  EnrolmentLedger& operator=(const EnrolmentLedger&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_LEDGER_H_

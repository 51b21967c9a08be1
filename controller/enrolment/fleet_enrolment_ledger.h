#ifndef FLOTILLA_CONTROLLER_ENROLMENT_FLEET_ENROLMENT_LEDGER_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_FLEET_ENROLMENT_LEDGER_H_

#include <utility>

#include "controller/enrolment/enrolment_ledger.h"
#include "controller/fleet/fleet.h"

namespace flotilla::controller {

// EnrolmentLedger on the fleet itself, which must outlive it.
class FleetEnrolmentLedger final : public EnrolmentLedger {
 public:
  explicit FleetEnrolmentLedger(Fleet& fleet) : fleet_(fleet) {}

  const FleetState& state() const override { return fleet_.state(); }
  void Apply(FleetChange change, Done done) override {
    fleet_.Apply(std::move(change), std::move(done));
  }

 private:
  Fleet& fleet_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_FLEET_ENROLMENT_LEDGER_H_

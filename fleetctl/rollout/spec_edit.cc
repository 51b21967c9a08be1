#include "fleetctl/rollout/spec_edit.h"

#include "base/time.h"
#include "controller/rollout/wire_time.h"
#include "fleetctl/rollout/spec_options.h"

namespace flotilla::fleetctl {
namespace {

bool IsEmpty(const SpecEdit& edit) {
  return !edit.max_in_flight && !edit.per_site && !edit.max_extend && !edit.rate &&
         !edit.rate_max && !edit.soak && edit.windows.empty() && !edit.no_windows;
}

// The waves' part: soak, and the cap of one wave.
Status EditWaves(const SpecEdit& edit, v1::Strategy& strategy) {
  bool found = false;
  for (v1::WaveSpec& wave : *strategy.mutable_waves()) {
    if (!edit.wave.empty() && edit.wave != wave.name()) {
      continue;
    }
    found = true;
    if (edit.soak) {
      FLOTILLA_ASSIGN_OR_RETURN(const Duration soak, ParseDurationText(*edit.soak));
      *wave.mutable_soak() = rollout::ToWire(soak);
    }
    if (!edit.wave.empty() && edit.max_in_flight) {
      wave.set_max_in_flight(*edit.max_in_flight);
    }
  }
  return found ? OkStatus() : InvalidArgument("--wave: the rollout has no wave " + edit.wave);
}

void EditDelivery(const SpecEdit& edit, v1::Delivery& delivery) {
  if (edit.max_in_flight && edit.wave.empty()) {
    delivery.set_max_in_flight(*edit.max_in_flight);
  }
  if (edit.per_site) {
    delivery.set_per_site(*edit.per_site);
  }
  if (edit.rate) {
    delivery.mutable_rate()->set_start(*edit.rate);
  }
  if (edit.rate_max) {
    delivery.mutable_rate()->set_max(*edit.rate_max);
  }
}

}  // namespace

StatusOr<v1::RolloutSpec> EditedSpec(const v1::Rollout& rollout, const SpecEdit& edit) {
  if (IsEmpty(edit)) {
    return InvalidArgument("say what to change: fleetctl rollout set --help");
  }
  if (edit.no_windows && !edit.windows.empty()) {
    return InvalidArgument("--no-windows: not beside --window");
  }
  v1::RolloutSpec spec = rollout.spec();
  spec.mutable_strategy()->clear_waves();
  for (const v1::Wave& wave : rollout.waves()) {
    *spec.mutable_strategy()->add_waves() = wave.spec();
  }
  FLOTILLA_RETURN_IF_ERROR(EditWaves(edit, *spec.mutable_strategy()));
  EditDelivery(edit, *spec.mutable_delivery());
  if (edit.max_extend) {
    spec.mutable_strategy()->mutable_judge()->set_max_extend(*edit.max_extend);
  }
  if (edit.no_windows || !edit.windows.empty()) {
    spec.clear_windows();
  }
  for (const std::string& text : edit.windows) {
    FLOTILLA_ASSIGN_OR_RETURN(*spec.add_windows(), ReadWindow(text));
  }
  return spec;
}

}  // namespace flotilla::fleetctl

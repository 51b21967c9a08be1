#include "controller/rollout/stratum_hold.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr int kMostStrata = 64;

bool Covers(const v1::HeldStratum& stratum, const std::vector<Facet>& facets) {
  return std::find(facets.begin(), facets.end(), Facet(stratum.facet(), stratum.value())) !=
         facets.end();
}

void ExcuseStratum(RolloutRun& run, const v1::HeldStratum& stratum, const Turn& turn) {
  for (const auto& [device_id, row] : run.devices()) {
    if (OutcomeOf(row.state()) == Outcome::kQuality &&
        Covers(stratum, FacetsOf(row, turn.fleet.FindDevice(device_id)))) {
      run.ExcuseFailure(*run.FindDevice(device_id), turn);
    }
  }
}

}  // namespace

bool IsHeld(const RolloutRun& run, const v1::RolloutDevice& row, const v1::Device* device) {
  const auto& strata = run.row().held_strata();
  if (strata.empty()) {
    return false;
  }
  const std::vector<Facet> facets = FacetsOf(row, device);
  return std::any_of(strata.begin(), strata.end(),
                     [&](const v1::HeldStratum& stratum) { return Covers(stratum, facets); });
}

void HoldCluster(RolloutRun& run, v1::RolloutDevice& failed, const Turn& turn) {
  const v1::Device* device = turn.fleet.FindDevice(failed.device_id());
  if (!run.IsActive() || run.spec().strategy().judge().on_cluster() == v1::ON_CLUSTER_IGNORE) {
    return;
  }
  if (IsHeld(run, failed, device)) {
    run.ExcuseFailure(failed, turn);
    return;
  }
  const auto cluster = run.tally().WorstOf(FacetsOf(failed, device));
  if (!cluster.has_value() || run.row().held_strata_size() >= kMostStrata) {
    return;
  }
  v1::HeldStratum& stratum = *run.mutable_row().add_held_strata();
  stratum.set_facet(cluster->facet.first);
  stratum.set_value(cluster->facet.second);
  stratum.set_failures(cluster->count.failed);
  stratum.set_attempted(cluster->count.tried);
  stratum.set_tail(cluster->tail);
  *stratum.mutable_held_at() = ToWire(turn.now);
  ExcuseStratum(run, stratum, turn);
  run.Explain(StratumText(stratum), turn);
}

bool ReleaseStrata(RolloutRun& run, const Turn& turn) {
  if (run.row().held_strata().empty()) {
    return false;
  }
  run.mutable_row().clear_held_strata();
  run.index().WakeAll();
  turn.changes.NoteRollout(run);
  return true;
}

std::string StratumText(const v1::HeldStratum& stratum) {
  return absl::StrCat(
      stratum.facet(), " ", stratum.value(), " is held since ",
      UtcText(FromWire(stratum.held_at())), ": ", stratum.failures(), " of ", stratum.attempted(),
      " of its devices failed, where chance would put so many with a probability of ",
      absl::StrFormat("%.2g", stratum.tail()), "; a resume lets it go on");
}

}  // namespace flotilla::rollout

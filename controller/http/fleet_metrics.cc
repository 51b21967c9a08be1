#include "controller/http/fleet_metrics.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "base/version.h"
#include "controller/expiry/expiry_list.h"
#include "controller/http/guard_metrics.h"
#include "controller/http/health_metrics.h"
#include "controller/http/metric_family.h"

namespace flotilla::http {
namespace {

constexpr std::size_t kCaDigits = 16;

using prometheus::MetricFamily;
using prometheus::MetricType;

void AddGauge(std::vector<MetricFamily>& families, std::string name, std::string help,
              double value) {
  auto family = Gauge(std::move(name), std::move(help));
  AddSample(family, {}, value);
  families.push_back(std::move(family));
}

void AddFleet(std::vector<MetricFamily>& families, const FleetCounts& counts) {
  auto devices = Family("fleet_devices", "Devices by liveness.", MetricType::Gauge);
  for (const auto& [liveness, count] : counts.liveness) {
    AddSample(devices,
              {{"liveness", EnumLabel(v1::Liveness_Name(liveness), sizeof "LIVENESS_" - 1)}},
              static_cast<double>(count));
  }
  auto installed =
      Family("fleet_devices_installed", "Devices that run a release.", MetricType::Gauge);
  for (const auto& [release, count] : counts.installed) {
    AddSample(installed, {{"model", release.first}, {"release", release.second}},
              static_cast<double>(count));
  }
  AddGauge(families, "fleet_devices_trust_stale",
           "Devices whose metadata is older than their policy allows (TRUST_STALE).",
           static_cast<double>(counts.trust_stale));
  AddGauge(families, "fleet_devices_clock_untrusted",
           "Devices that judge expiry by their floor of the time.",
           static_cast<double>(counts.clock_untrusted));
  AddGauge(families, "fleet_metadata_oldest_issued_timestamp_seconds",
           "Newest signed time that the worst device has verified.",
           static_cast<double>(counts.oldest_metadata));
  AddGauge(families, "fleet_publisher_earliest_end_timestamp_seconds",
           "Earliest end of what publishers signed, of what devices rely on.",
           static_cast<double>(counts.earliest_publisher_end));
  auto idle = Gauge("fleet_devices_not_serving",
                    "Devices that answer with no model, by what they do instead.");
  for (const auto& [what, count] : counts.not_serving) {
    AddSample(idle, {{"state", what}}, static_cast<double>(count));
  }
  families.push_back(std::move(idle));
  auto sessions = Family("fleet_sessions", "Open device sessions.", MetricType::Gauge);
  AddSample(sessions, {}, static_cast<double>(counts.sessions));
  families.push_back(std::move(devices));
  families.push_back(std::move(installed));
  families.push_back(std::move(sessions));
  AddGauge(families, "fleet_sessions_waiting_for_change",
           "Open sessions whose turn to hear of a change has not come.",
           static_cast<double>(counts.waiting_for_change));
}

void AddWave(MetricFamily& devices, MetricFamily& llr, const v1::Rollout& rollout,
             const v1::Wave& wave) {
  for (const auto& [state, count] : wave.counts()) {
    const std::string name = v1::DeploymentState_Name(static_cast<v1::DeploymentState>(state));
    AddSample(devices,
              {{"rollout", rollout.id()},
               {"wave", wave.spec().name()},
               {"state", EnumLabel(name, sizeof "DEPLOYMENT_STATE_" - 1)}},
              count);
  }
  AddSample(llr, {{"rollout", rollout.id()}, {"wave", wave.spec().name()}}, wave.llr());
}

double InFlight(const v1::Rollout& rollout) {
  double sum = 0;
  for (const v1::Wave& wave : rollout.waves()) {
    for (const auto& [state, count] : wave.counts()) {
      const bool attempted =
          state >= v1::DEPLOYMENT_STATE_ACCEPTED && state < v1::DEPLOYMENT_STATE_SUCCEEDED;
      sum += attempted ? count : 0;
    }
  }
  return sum;
}

void AddRollouts(std::vector<MetricFamily>& families, const std::vector<v1::Rollout>& rollouts) {
  auto devices =
      Family("fleet_rollout_devices", "Devices of a wave by deployment state.", MetricType::Gauge);
  auto llr =
      Family("fleet_rollout_llr", "Evidence of the wave's sequential test.", MetricType::Gauge);
  auto cusum =
      Family("fleet_rollout_cusum", "Background monitor of the rollout.", MetricType::Gauge);
  auto in_flight = Family("fleet_rollout_in_flight", "Devices between accepted and a final state.",
                          MetricType::Gauge);
  for (const v1::Rollout& rollout : rollouts) {
    for (const v1::Wave& wave : rollout.waves()) {
      AddWave(devices, llr, rollout, wave);
    }
    AddSample(cusum, {{"rollout", rollout.id()}}, rollout.cusum());
    AddSample(in_flight, {{"rollout", rollout.id()}}, InFlight(rollout));
  }
  families.push_back(std::move(devices));
  families.push_back(std::move(llr));
  families.push_back(std::move(cusum));
  families.push_back(std::move(in_flight));
}

// A device has no label of its own: of certificates of a kind the soonest end counts.
void AddExpiry(std::vector<MetricFamily>& families, const v1::ListExpiryResponse& list) {
  auto roles = Family("fleet_role_expiry_timestamp_seconds", "End of the role's newest metadata.",
                      MetricType::Gauge);
  auto authorities =
      Family("fleet_ca_expiry_timestamp_seconds", "End of an operator CA.", MetricType::Gauge);
  auto certificates = Family("fleet_certificate_expiry_timestamp_seconds",
                             "Soonest end of a certificate of this kind.", MetricType::Gauge);
  std::set<std::string> kinds;
  for (const v1::Expiry& item : list.items()) {
    const auto end = static_cast<double>(item.expires_at().seconds());
    const std::string kind = controller::ExpiryKindName(item.kind());
    if (item.kind() == v1::EXPIRY_KIND_ROLE) {
      AddSample(roles, {{"role", item.name()}}, end);
    } else if (item.kind() == v1::EXPIRY_KIND_CA) {
      AddSample(authorities, {{"ca", item.name().substr(0, kCaDigits)}}, end);
    } else if (item.kind() != v1::EXPIRY_KIND_TOKEN && kinds.insert(kind).second) {
      AddSample(certificates, {{"kind", kind}}, end);
    }
  }
  families.push_back(std::move(roles));
  families.push_back(std::move(authorities));
  families.push_back(std::move(certificates));
  auto devices = Family("fleet_device_certificates_expiring", "Device certificates that end soon.",
                        MetricType::Gauge);
  AddSample(devices, {{"within", "3d"}}, list.devices_in_3_days());
  AddSample(devices, {{"within", "14d"}}, list.devices_in_14_days());
  AddSample(devices, {{"within", "30d"}}, list.devices_in_30_days());
  families.push_back(std::move(devices));
}

}  // namespace

std::string FleetMetricsText(const FleetPicture& fleet, const ArtifactCounters& artifacts) {
  std::vector<MetricFamily> families;
  AddFleet(families, fleet.Counts());
  AddRollouts(families, fleet.Rollouts());
  AddGuardMetrics(fleet.Rollouts(), families);
  auto bytes =
      Family("fleet_artifact_bytes_total", "Bytes handed to devices.", MetricType::Counter);
  AddSample(bytes, {{"kind", "metadata"}}, static_cast<double>(artifacts.metadata_bytes.load()));
  AddSample(bytes, {{"kind", "target"}}, static_cast<double>(artifacts.target_bytes.load()));
  families.push_back(std::move(bytes));
  AddExpiry(families, fleet.Expiry());
  AddHealthMetrics(fleet.Health({}), families);
  auto build = Family("fleet_build_info", "Always 1.", MetricType::Gauge);
  AddSample(build, {{"version", kVersion}}, 1);
  families.push_back(std::move(build));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace flotilla::http

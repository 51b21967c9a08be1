#include "fleetctl/sim/sim_flags.h"

#include <utility>

#include "base/config/scalar_text.h"
#include "base/config/yaml_file.h"
#include "base/time.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/wire_time.h"
#include "fleetctl/rollout/spec_options.h"

namespace flotilla::fleetctl {
namespace {

constexpr unsigned kMostJobs = 64;
constexpr std::uint32_t kMostRuns = 100'000;

struct ShareFlag {
  const char* name;
  const std::string& text;
  double& value;
};

struct TimeFlag {
  const char* name;
  const std::string& text;
  Duration& value;
};

Status ReadShare(const ShareFlag& flag) {
  auto value = config::ParseNumber(flag.text, config::PercentSign::kDividesBy100);
  if (!value.ok()) {
    return Annotate(value.status(), flag.name);
  }
  flag.value = *value;
  return OkStatus();
}

Status ReadTime(const TimeFlag& flag) {
  auto value = ParseDurationText(flag.text);
  if (!value.ok()) {
    return Annotate(value.status(), flag.name);
  }
  flag.value = *value;
  return OkStatus();
}

StatusOr<rollout::SimModel> ModelOf(const SimFlags& flags) {
  rollout::SimModel model;
  model.sites = flags.sites;
  for (const ShareFlag& flag :
       {ShareFlag{"--offline", flags.offline, model.offline},
        ShareFlag{"--background", flags.background, model.background},
        ShareFlag{"--background-by-site", flags.by_site, model.background_by_site},
        ShareFlag{"--delivery", flags.delivery, model.delivery_failures},
        ShareFlag{"--bad-class", flags.bad_class, model.bad_class_share},
        ShareFlag{"--bad-class-rate", flags.bad_class_rate, model.bad_class_failures},
        ShareFlag{"--late", flags.late, model.late},
        ShareFlag{"--slow", flags.slow, model.slow_share}}) {
    FLOTILLA_RETURN_IF_ERROR(ReadShare(flag));
  }
  for (const TimeFlag& flag : {TimeFlag{"--away", flags.away, model.away},
                               TimeFlag{"--download", flags.download, model.download},
                               TimeFlag{"--trial", flags.trial, model.trial}}) {
    FLOTILLA_RETURN_IF_ERROR(ReadTime(flag));
  }
  for (const std::string& text : flags.outages) {
    FLOTILLA_ASSIGN_OR_RETURN(rollout::SimOutage outage, rollout::ParseOutage(text));
    model.outages.push_back(outage);
  }
  return model;
}

Status AddPolicy(const SimFlags& flags, v1::JudgePolicy& judge) {
  const auto read = [](const char* name, const std::string& text, double& value) {
    return text.empty() ? OkStatus() : ReadShare({name, text, value});
  };
  double p0 = judge.p0();
  double p1 = judge.p1();
  double alpha = judge.alpha();
  double beta = judge.beta();
  FLOTILLA_RETURN_IF_ERROR(read("--p0", flags.p0, p0));
  FLOTILLA_RETURN_IF_ERROR(read("--p1", flags.p1, p1));
  FLOTILLA_RETURN_IF_ERROR(read("--alpha", flags.alpha, alpha));
  FLOTILLA_RETURN_IF_ERROR(read("--beta", flags.beta, beta));
  judge.set_p0(p0);
  judge.set_p1(p1);
  judge.set_alpha(alpha);
  judge.set_beta(beta);
  return OkStatus();
}

StatusOr<v1::RolloutSpec> SpecOf(const SimFlags& flags, std::uint32_t devices) {
  v1::RolloutSpec spec;
  if (!flags.file.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string text,
                              config::ReadConfigText(flags.file, "write it, or leave out --file"));
    FLOTILLA_ASSIGN_OR_RETURN(spec, SpecFromManifest(text, flags.file));
    // The fleet of the simulation has no labels but "site".
    spec.clear_selector();
    for (v1::WaveSpec& wave : *spec.mutable_strategy()->mutable_waves()) {
      wave.clear_selector();
    }
  } else if (!flags.waves.empty()) {
    SpecOptions options;
    options.name = "simulated";
    options.line = "model";
    options.version = "2.0.0";
    options.waves = flags.waves;
    options.soak = flags.soak;
    options.max_in_flight = flags.in_flight;
    FLOTILLA_ASSIGN_OR_RETURN(spec, SpecFromOptions(options));
  } else {
    Duration soak;
    FLOTILLA_RETURN_IF_ERROR(ReadTime({"--soak", flags.soak, soak}));
    spec = DefaultSimSpec(devices, flags.in_flight, soak);
  }
  FLOTILLA_RETURN_IF_ERROR(AddPolicy(flags, *spec.mutable_strategy()->mutable_judge()));
  FLOTILLA_RETURN_IF_ERROR(rollout::CheckSpec(spec));
  return spec;
}

}  // namespace

StatusOr<std::vector<SimRow>> RowsOf(const SimFlags& flags) {
  if (flags.runs == 0 || flags.runs > kMostRuns || flags.jobs > kMostJobs) {
    return InvalidArgument("--runs: 1 to 100000; --jobs: at most 64");
  }
  SimRow row;
  FLOTILLA_ASSIGN_OR_RETURN(row.batch.model, ModelOf(flags));
  row.batch.runs = flags.runs;
  row.batch.seed = flags.seed;
  row.batch.jobs = flags.jobs;
  std::vector<SimRow> rows;
  for (const std::uint32_t devices : flags.devices) {
    row.batch.model.devices = devices;
    FLOTILLA_ASSIGN_OR_RETURN(row.batch.spec, SpecOf(flags, devices));
    for (const std::string& rate : flags.rates) {
      row.rate = rate;
      FLOTILLA_RETURN_IF_ERROR(ReadShare({"--rate", rate, row.batch.model.release_failures}));
      FLOTILLA_RETURN_IF_ERROR(rollout::CheckModel(row.batch.model));
      rows.push_back(row);
    }
  }
  return rows;
}

}  // namespace flotilla::fleetctl

#include "fleetctl/rollout/spec_options.h"

#include <charconv>
#include <map>
#include <utility>

#include "absl/strings/str_split.h"
#include "flotilla/config/v1/rollout.pb.h"

#include "base/config/yaml.h"
#include "base/time.h"
#include "controller/rollout/guard_spec.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::fleetctl {
namespace {

constexpr double kWholeFleet = 100.0;

template <typename T>
bool ReadNumber(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end && value > 0;
}

// "3", "10%", "rest".
StatusOr<v1::WaveSpec> ReadWave(std::string_view text, std::size_t index) {
  v1::WaveSpec wave;
  wave.set_name(index == 0 ? "canary" : "wave-" + std::to_string(index + 1));
  double percent = 0;
  std::uint32_t count = 0;
  if (text == "rest") {
    wave.set_name("rest");
    wave.set_percent(kWholeFleet);
  } else if (text.ends_with('%') && ReadNumber(text.substr(0, text.size() - 1), percent)) {
    wave.set_percent(percent);
  } else if (ReadNumber(text, count)) {
    wave.set_count(count);
  } else {
    return InvalidArgument("--waves: \"" + std::string(text) +
                           "\" is neither a number of devices, a percentage, nor rest");
  }
  return wave;
}

StatusOr<std::vector<v1::WaveSpec>> ReadWaves(std::string_view text) {
  std::vector<v1::WaveSpec> waves;
  while (true) {
    const std::size_t comma = text.find(',');
    FLOTILLA_ASSIGN_OR_RETURN(v1::WaveSpec wave, ReadWave(text.substr(0, comma), waves.size()));
    waves.push_back(std::move(wave));
    if (comma == std::string_view::npos) {
      return waves;
    }
    text.remove_prefix(comma + 1);
  }
}

StatusOr<v1::Gate> ReadGate(const std::string& text) {
  if (text == "auto" || text == "manual") {
    return text == "auto" ? v1::GATE_AUTO : v1::GATE_MANUAL;
  }
  return InvalidArgument("--gate: \"" + text + "\" is neither auto nor manual");
}

// Writes the waves into the spec where any option asks for something else than the defaults.
Status AddWaves(const SpecOptions& options, v1::Strategy& strategy) {
  if (options.waves.empty() && options.gate.empty() && options.soak.empty()) {
    return OkStatus();
  }
  std::vector<v1::WaveSpec> waves = rollout::DefaultWaves(v1::GATE_MANUAL);
  if (!options.waves.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(waves, ReadWaves(options.waves));
  }
  for (std::size_t i = 0; i < waves.size(); ++i) {
    if (!options.gate.empty()) {
      FLOTILLA_ASSIGN_OR_RETURN(const v1::Gate gate, ReadGate(options.gate));
      waves[i].set_gate(i == 0 ? v1::GATE_AUTO : gate);
    }
    if (!options.soak.empty()) {
      FLOTILLA_ASSIGN_OR_RETURN(const Duration soak, ParseDurationText(options.soak));
      *waves[i].mutable_soak() = rollout::ToWire(soak);
    }
    *strategy.add_waves() = waves[i];
  }
  return OkStatus();
}

// "5%", "0.05".
StatusOr<double> ReadShare(std::string_view text) {
  double share = 0;
  const bool percent = text.ends_with('%');
  if (!ReadNumber(percent ? text.substr(0, text.size() - 1) : text, share)) {
    return InvalidArgument("--guard: \"" + std::string(text) + "\" is no share such as 5%");
  }
  return percent ? share / kWholeFleet : share;
}

Status AddGuard(const SpecOptions& options, v1::Strategy& strategy) {
  if (options.guard.empty()) {
    const bool more =
        options.guard_looks > 0 || options.guard_shadow || !options.guard_demo_window.empty();
    return more ? InvalidArgument("--guard: say which rise the private gate has to find, as 5%")
                : OkStatus();
  }
  v1::HealthGuard& guard = *strategy.add_guards();
  guard.set_metric(rollout::kGuardMetric);
  FLOTILLA_ASSIGN_OR_RETURN(const double share, ReadShare(options.guard));
  guard.set_max_bad_increase(share);
  guard.set_looks(options.guard_looks);
  guard.set_shadow(options.guard_shadow);
  if (!options.guard_demo_window.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Duration window, ParseDurationText(options.guard_demo_window));
    *guard.mutable_demo_window() = rollout::ToWire(window);
  }
  return OkStatus();
}

StatusOr<v1::WindowApplies> ReadApplies(const std::string& text) {
  static const std::map<std::string, v1::WindowApplies> known = {
      {"accept", v1::WINDOW_APPLIES_ACCEPT},
      {"download", v1::WINDOW_APPLIES_DOWNLOAD},
      {"activate", v1::WINDOW_APPLIES_ACTIVATE}};
  const auto found = known.find(text);
  if (found == known.end()) {
    return InvalidArgument("--window: \"" + text + "\" is not accept, download or activate");
  }
  return found->second;
}

StatusOr<v1::OnOverlap> ReadOverlap(const std::string& text) {
  static const std::map<std::string, v1::OnOverlap> known = {{"", v1::ON_OVERLAP_UNSPECIFIED},
                                                             {"refuse", v1::ON_OVERLAP_REFUSE},
                                                             {"replace", v1::ON_OVERLAP_REPLACE},
                                                             {"queue", v1::ON_OVERLAP_QUEUE}};
  const auto found = known.find(text);
  if (found == known.end()) {
    return InvalidArgument("--on-overlap: \"" + text + "\" is not refuse, replace or queue");
  }
  return found->second;
}

Status AddSchedule(const SpecOptions& options, v1::RolloutSpec& spec) {
  spec.set_priority(options.priority);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::OnOverlap overlap, ReadOverlap(options.on_overlap));
  spec.set_on_overlap(overlap);
  for (const std::string& text : options.windows) {
    FLOTILLA_ASSIGN_OR_RETURN(*spec.add_windows(), ReadWindow(text));
  }
  return OkStatus();
}

}  // namespace

StatusOr<v1::Window> ReadWindow(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (parts.size() < 2 || parts.size() > 4) {
    return InvalidArgument(
        "--window: expected \"RRULE DURATION [ZONE [APPLIES]]\", as in "
        "\"FREQ=DAILY;BYHOUR=1 4h device-local activate\"");
  }
  v1::Window window;
  window.set_rrule(parts[0]);
  FLOTILLA_ASSIGN_OR_RETURN(const Duration duration, ParseDurationText(parts[1]));
  *window.mutable_duration() = rollout::ToWire(duration);
  if (parts.size() > 2) {
    window.set_zone(parts[2]);
  }
  if (parts.size() > 3) {
    FLOTILLA_ASSIGN_OR_RETURN(const v1::WindowApplies applies, ReadApplies(parts[3]));
    window.set_applies(applies);
  }
  return window;
}

StatusOr<v1::RolloutSpec> SpecFromOptions(const SpecOptions& options) {
  v1::RolloutSpec spec;
  spec.set_line(options.line);
  spec.set_version(options.version);
  spec.set_name(options.name.empty() ? options.line + "-" + options.version : options.name);
  spec.set_selector(options.selector);
  FLOTILLA_RETURN_IF_ERROR(AddWaves(options, *spec.mutable_strategy()));
  FLOTILLA_RETURN_IF_ERROR(AddGuard(options, *spec.mutable_strategy()));
  FLOTILLA_RETURN_IF_ERROR(AddSchedule(options, spec));
  if (!options.trial.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Duration trial, ParseDurationText(options.trial));
    *spec.mutable_strategy()->mutable_trial_duration() = rollout::ToWire(trial);
  }
  if (!options.rollback.empty()) {
    spec.mutable_on_abort()->set_rollback(options.rollback == "none" ? v1::ROLLBACK_MODE_NONE
                                                                     : v1::ROLLBACK_MODE_AUTO);
  }
  if (options.max_in_flight > 0) {
    spec.mutable_delivery()->set_max_in_flight(options.max_in_flight);
  }
  FLOTILLA_RETURN_IF_ERROR(rollout::CheckSpec(spec));
  return spec;
}

StatusOr<v1::RolloutSpec> SpecFromManifest(std::string_view text, const std::string& file_name) {
  config::v1::RolloutManifest manifest;
  FLOTILLA_RETURN_IF_ERROR(config::ReadYaml(text, file_name, manifest));
  if (manifest.api_version() != "flotilla/v1" || manifest.kind() != "Rollout") {
    return InvalidArgument(file_name + ": apiVersion must be flotilla/v1 and kind Rollout");
  }
  config::v1::RolloutManifestSpec& from = *manifest.mutable_spec();
  v1::RolloutSpec spec;
  spec.set_name(manifest.metadata().name());
  spec.set_line(from.release().model());
  spec.set_version(from.release().version());
  spec.set_selector(from.selector());
  spec.mutable_strategy()->Swap(from.mutable_strategy());
  spec.mutable_delivery()->Swap(from.mutable_delivery());
  spec.mutable_on_abort()->Swap(from.mutable_on_abort());
  spec.mutable_deadlines()->Swap(from.mutable_deadlines());
  spec.mutable_windows()->Swap(from.mutable_windows());
  spec.set_priority(from.priority());
  spec.set_on_overlap(from.on_overlap());
  const Status checked = rollout::CheckSpec(spec);
  if (!checked.ok()) {
    return Annotate(checked, file_name);
  }
  return spec;
}

}  // namespace flotilla::fleetctl

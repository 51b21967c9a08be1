#include "fleetctl/rollout/rollout_text.h"

#include <cctype>
#include <cstdio>

#include <algorithm>
#include <array>
#include <vector>

#include "controller/rollout/guard_words.h"
#include "controller/rollout/wave_schedule.h"
#include "controller/rollout/wire_time.h"
#include "fleetctl/cli/exit_code.h"

namespace flotilla::fleetctl {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string Fixed(double value) {
  std::array<char, 32> text{};
  // Cannot fail: the buffer holds any evidence, and a longer number is cut.
  (void)std::snprintf(text.data(), text.size(), "%+.2f", value);
  return text.data();
}

std::uint32_t Count(const v1::Wave& wave, std::uint32_t from, std::uint32_t below) {
  std::uint32_t count = 0;
  for (const auto& [state, devices] : wave.counts()) {
    count += state >= from && state < below ? devices : 0;
  }
  return count;
}

std::uint32_t Right(const v1::Wave& wave) {
  return Count(wave, v1::DEPLOYMENT_STATE_SUCCEEDED, v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE);
}

std::uint32_t Failed(const v1::Wave& wave) {
  return Count(wave, v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, v1::DEPLOYMENT_STATE_CANCELLED);
}

std::string WaveStateCell(const v1::Wave& wave) {
  return ShortName(v1::WaveState_Name(wave.state()), "WAVE_STATE_");
}

std::string WavePart(const v1::Wave& wave) {
  std::string text = wave.spec().name() + " " + Lower(WaveStateCell(wave));
  if (wave.has_dispatched_at()) {
    text += " " + std::to_string(Right(wave)) + "/" + std::to_string(wave.members());
  }
  if (Failed(wave) > 0) {
    text += " (" + std::to_string(Failed(wave)) + " failed)";
  }
  return text;
}

std::string EvidenceCell(const v1::Wave& wave) {
  if (!wave.has_dispatched_at()) {
    return {};
  }
  if (wave.small()) {
    return "small wave: all must succeed, one quality failure aborts";
  }
  return "LLR " + Fixed(wave.llr()) + ", pass at " + Fixed(wave.llr_pass()) + ", abort at " +
         Fixed(wave.llr_abort());
}

std::string SizeCell(const v1::WaveSpec& spec) {
  if (spec.count() > 0) {
    return std::to_string(spec.count());
  }
  return spec.percent() >= 100 ? "rest"
                               : "to " + std::to_string(static_cast<int>(spec.percent())) + " %";
}

std::string GoldenCell(const v1::RolloutDevice& device) {
  if (!device.has_golden()) {
    return {};
  }
  const v1::GoldenScore& golden = device.golden();
  std::string text = std::to_string(golden.correct()) + "/" + std::to_string(golden.total());
  if (golden.has_running_correct()) {
    text += " (before: " + std::to_string(golden.running_correct()) + ")";
  }
  return text;
}

const v1::Wave* CurrentWave(const v1::Rollout& rollout) {
  const int index = static_cast<int>(rollout.current_wave());
  return index < rollout.waves_size() ? &rollout.waves(index) : nullptr;
}

std::string StartText(Time start) {
  return start == absl::InfiniteFuture() ? "never: its windows are over" : UtcText(start);
}

}  // namespace

std::string StateCell(const v1::Rollout& rollout) {
  std::string text = ShortName(v1::RolloutState_Name(rollout.state()), "ROLLOUT_STATE_");
  if (rollout.state() == v1::ROLLOUT_STATE_PAUSED) {
    text += " (" + ShortName(v1::PauseReason_Name(rollout.pause_reason()), "PAUSE_REASON_") + ")";
  }
  return text;
}

std::string ReleaseCell(const v1::Rollout& rollout) {
  return rollout.spec().line() + " " + rollout.spec().version();
}

std::string ProgressLine(const v1::Rollout& rollout) {
  std::string text = rollout.id() + "  " + StateCell(rollout) + "  ";
  for (const v1::Wave& wave : rollout.waves()) {
    text += (&wave == &rollout.waves(0) ? "" : " > ") + WavePart(wave);
  }
  const v1::Wave* wave = CurrentWave(rollout);
  if (wave != nullptr && wave->has_dispatched_at()) {
    text += "  [" + EvidenceCell(*wave) + "; monitor " + Fixed(rollout.cusum()) + " of " +
            Fixed(rollout.cusum_bound()) + "]";
  }
  return text;
}

std::string GuardLines(const v1::Rollout& rollout) {
  std::string text;
  for (const v1::Wave& wave : rollout.waves()) {
    if (wave.has_guard()) {
      text += rollout::GuardSentence(wave) + "\n";
    }
  }
  return text;
}

std::string WindowText(const v1::Rollout& rollout, Time now) {
  std::string text;
  for (const std::string& line : rollout::WindowLines(rollout.spec())) {
    text += "window " + line + "\n";
  }
  const std::vector<Time> starts =
      text.empty() ? std::vector<Time>() : rollout::EarliestStarts(rollout, now);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const v1::Wave& wave = rollout.waves(static_cast<int>(i));
    if (wave.has_dispatched_at()) {
      continue;
    }
    text += "wave " + wave.spec().name() + " starts at the earliest " + StartText(starts[i]) +
            (wave.spec().gate() == v1::GATE_MANUAL ? ", and waits for a promotion\n" : "\n");
  }
  return text;
}

Table PlanTable(const v1::Rollout& rollout, Time now) {
  Table table({"WAVE", "SIZE", "GATE", "SOAK", "EARLIEST START"});
  const std::vector<Time> starts = rollout::EarliestStarts(rollout, now);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const v1::WaveSpec& spec = rollout.waves(static_cast<int>(i)).spec();
    table.Add({spec.name(), SizeCell(spec), spec.gate() == v1::GATE_MANUAL ? "manual" : "auto",
               DurationText(rollout::FromWire(spec.soak())), StartText(starts[i])});
  }
  return table;
}

Table RolloutsTable(const v1::ListRolloutsResponse& response) {
  Table table({"ROLLOUT", "RELEASE", "STATE", "WAVE", "DEVICES", "FAILED", "STARTED", "BY"});
  for (const v1::Rollout& rollout : response.rollouts()) {
    std::uint32_t members = 0;
    std::uint32_t right = 0;
    std::uint32_t failed = 0;
    for (const v1::Wave& wave : rollout.waves()) {
      members += wave.members();
      right += Right(wave);
      failed += Failed(wave);
    }
    const v1::Wave* wave = CurrentWave(rollout);
    table.Add({rollout.id(), ReleaseCell(rollout), StateCell(rollout),
               wave == nullptr ? "" : wave->spec().name(),
               std::to_string(right) + "/" + std::to_string(members), std::to_string(failed),
               TimeCell(rollout.started_at()), rollout.created_by()});
  }
  return table;
}

Table FieldsTable(const v1::Rollout& rollout) {
  Table table({"FIELD", "VALUE"});
  table.Add({"rollout", rollout.id()});
  table.Add({"release", ReleaseCell(rollout)});
  table.Add({"baseline", rollout.baseline().version()});
  table.Add({"state", StateCell(rollout)});
  table.Add({"why", rollout.why()});
  table.Add({"selector", rollout.spec().selector()});
  table.Add({"priority", std::to_string(rollout.spec().priority())});
  table.Add({"revision", std::to_string(rollout.revision())});
  table.Add({"monitor", Fixed(rollout.cusum()) + " of " + Fixed(rollout.cusum_bound())});
  table.Add({"created", TimeCell(rollout.created_at()) + " by " + rollout.created_by()});
  table.Add({"started", TimeCell(rollout.started_at())});
  table.Add({"finished", TimeCell(rollout.finished_at())});
  return table;
}

Table WavesTable(const v1::Rollout& rollout) {
  Table table({"WAVE", "SIZE", "GATE", "STATE", "RIGHT", "FAILED", "SOAK UNTIL", "EVIDENCE"});
  for (const v1::Wave& wave : rollout.waves()) {
    table.Add({wave.spec().name(), SizeCell(wave.spec()),
               wave.spec().gate() == v1::GATE_MANUAL ? "manual" : "auto", WaveStateCell(wave),
               std::to_string(Right(wave)) + "/" + std::to_string(wave.members()),
               std::to_string(Failed(wave)), TimeCell(wave.soak_ends_at()), EvidenceCell(wave)});
  }
  return table;
}

Table DevicesTable(const v1::ListRolloutDevicesResponse& response, const v1::Rollout& rollout,
                   Width width) {
  std::vector<std::string> headers = {"DEVICE", "WAVE", "STATE", "REASON", "GOLDEN", "CHANGED"};
  if (width == Width::kWide) {
    headers.insert(headers.end(), {"VARIANT", "ATTEMPT", "LANE", "BACK AT"});
  }
  Table table(headers);
  for (const v1::RolloutDevice& device : response.devices()) {
    const int wave = static_cast<int>(device.wave());
    table.Add({device.device_id(),
               wave < rollout.waves_size() ? rollout.waves(wave).spec().name() : "",
               ShortName(v1::DeploymentState_Name(device.state()), "DEPLOYMENT_STATE_") + " " +
                   std::to_string(static_cast<int>(device.state())),
               device.reason() == v1::FAILURE_REASON_UNSPECIFIED
                   ? ""
                   : ReasonName(device.reason()) + " " +
                         std::to_string(static_cast<int>(device.reason())),
               GoldenCell(device), TimeCell(device.changed_at())});
    if (width == Width::kWide) {
      table.Extend({device.variant(), std::to_string(device.attempt()),
                    device.catch_up() ? "catch-up" : "wave", TimeCell(device.returned_at())});
    }
  }
  return table;
}

int WaitCodeOf(const v1::Rollout& rollout, AtPause at_pause) {
  switch (rollout.state()) {
    case v1::ROLLOUT_STATE_COMPLETED:
      return kExitOk;
    case v1::ROLLOUT_STATE_ABORTED:
    case v1::ROLLOUT_STATE_ROLLED_BACK:
    case v1::ROLLOUT_STATE_CANCELLED:
      return kExitAborted;
    case v1::ROLLOUT_STATE_SUPERSEDED:
      return kExitSuperseded;
    case v1::ROLLOUT_STATE_PAUSED:
      break;
    default:
      return kWaitGoesOn;
  }
  switch (rollout.pause_reason()) {
    case v1::PAUSE_REASON_OUT_OF_WINDOW:
    case v1::PAUSE_REASON_FREEZE:
    case v1::PAUSE_REASON_FLEET_CONNECTIVITY:
    case v1::PAUSE_REASON_SOURCE_UNAVAILABLE:
      return kWaitGoesOn;  // These end by themselves.
    default:
      return at_pause == AtPause::kStop ? static_cast<int>(kExitPaused) : kWaitGoesOn;
  }
}

}  // namespace flotilla::fleetctl

#include "controller/rollout/explain.h"

#include "absl/strings/str_cat.h"

#include "controller/rollout/guard_words.h"
#include "controller/rollout/judge.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/revocation.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/stratum_hold.h"
#include "controller/rollout/window_words.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr std::size_t kMaxSentences = 64;

// "PAUSED" for ROLLOUT_STATE_PAUSED.
std::string Short(const std::string& name, const std::string& prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string HeadLine(const RolloutRun& run) {
  const v1::Rollout& row = run.row();
  std::string text = "Rollout " + run.id() + " of " + run.spec().line() + " " +
                     run.spec().version() + " is " +
                     Short(v1::RolloutState_Name(row.state()), "ROLLOUT_STATE_");
  if (run.Is(v1::ROLLOUT_STATE_PAUSED)) {
    text += " for " + Short(v1::PauseReason_Name(row.pause_reason()), "PAUSE_REASON_") + " (" +
            std::to_string(static_cast<int>(row.pause_reason())) + "), " +
            Short(v1::HoldMode_Name(row.hold()), "HOLD_MODE_");
  }
  return text + ": " + row.why() + ".";
}

std::string WaveLine(const v1::Wave& wave) {
  std::string text = "Wave " + wave.spec().name() + " is " +
                     Short(v1::WaveState_Name(wave.state()), "WAVE_STATE_");
  if (!wave.has_dispatched_at()) {
    return text + ".";
  }
  text += ": " + WaveSummary(wave);
  text += wave.small() ? "; judged by the small-wave rule" : "; judged by the SPRT";
  if (wave.state() == v1::WAVE_STATE_SOAKING) {
    text += "; soak ends at " + UtcText(FromWire(wave.soak_ends_at()));
  }
  return text + ".";
}

std::string CapLine(const RolloutRun& run) {
  const std::uint32_t cap =
      InFlightCap(run.spec(), run.current_wave().spec(), run.row().current_wave());
  return std::to_string(run.InFlight(Lane::kQuorum)) + " of at most " + std::to_string(cap) +
         " devices are in flight, " + std::to_string(run.InFlight(Lane::kCatchUp)) + " of " +
         std::to_string(kCatchUpCap) + " in the catch-up lane, where " +
         std::to_string(run.index().Open(Lane::kCatchUp)) + " wait or work.";
}

// What windows and freezes hold, when that ends, and which devices wait for it.
void AddRules(const RolloutRun& run, const FleetView& fleet, const Policies& policies,
              std::vector<std::string>& sentences) {
  for (std::string& sentence : WindowSentences(run)) {
    sentences.push_back(std::move(sentence));
  }
  std::uint32_t frozen = 0;
  const v1::Freeze* by = nullptr;
  for (const auto& [device_id, row] : run.devices()) {
    const v1::Device* device = fleet.FindDevice(device_id);
    const v1::Freeze* freeze =
        IsTerminal(row.state()) || device == nullptr ? nullptr : policies.Holding(*device);
    frozen += freeze != nullptr ? 1U : 0U;
    by = freeze != nullptr ? freeze : by;
  }
  if (frozen > 0) {
    sentences.push_back(absl::StrCat(frozen, " open devices wait. ", FreezeSentence(*by)));
  }
}

std::string OpenLine(const v1::RolloutDevice& row, const v1::Device* device) {
  std::string text = "Device " + row.device_id() + " is " + NameOf(row.state());
  if (!IsReachable(device)) {
    text += "; it cannot be reached";
  }
  return text + (row.catch_up() ? " (catch-up lane)." : ".");
}

void AddOpenDevices(const RolloutRun& run, const FleetView& fleet,
                    std::vector<std::string>& sentences) {
  for (const Lane lane : {Lane::kQuorum, Lane::kCatchUp}) {
    const MemberIndex& index = run.index();
    for (const MemberIndex::Ordered* open :
         {&index.busy(lane), &index.ready(lane), &index.parked(lane)}) {
      for (const auto& [order, device_id] : *open) {
        if (sentences.size() >= kMaxSentences) {
          return;
        }
        sentences.push_back(OpenLine(*run.FindDevice(device_id), fleet.FindDevice(device_id)));
      }
    }
  }
}

}  // namespace

std::string FreezeSentence(const v1::Freeze& freeze) {
  return absl::StrCat("Freeze ", freeze.name(), " by ", freeze.created_by(),
                      " holds what rollouts bring to ",
                      freeze.selector().empty() ? std::string("every device")
                                                : absl::StrCat("devices with ", freeze.selector()),
                      " until ", UtcText(FromWire(freeze.until())),
                      freeze.reason().empty() ? "" : ": ", freeze.reason(), ".");
}

std::vector<std::string> SentencesOf(const RolloutRun& run, const FleetView& fleet,
                                     const Policies& policies) {
  std::vector<std::string> sentences = {HeadLine(run)};
  if (run.IsActive()) {
    AddRules(run, fleet, policies, sentences);
  }
  for (const auto& [device_id, row] : run.devices()) {
    const Outcome outcome = OutcomeOf(row.state());
    if (outcome != Outcome::kOpen && outcome != Outcome::kSuccess && outcome != Outcome::kNeutral) {
      sentences.push_back(MemberSentence(run, row));
    }
  }
  for (const v1::Wave& wave : run.row().waves()) {
    sentences.push_back(WaveLine(wave));
    if (wave.has_guard()) {
      sentences.push_back(GuardSentence(wave));
    }
  }
  for (const v1::HeldStratum& stratum : run.row().held_strata()) {
    sentences.push_back("Devices of " + StratumText(stratum) + ".");
  }
  if (run.IsActive()) {
    sentences.push_back(CapLine(run));
  }
  AddOpenDevices(run, fleet, sentences);
  if (sentences.size() > kMaxSentences) {
    sentences.resize(kMaxSentences);
  }
  return sentences;
}

std::vector<std::string> ConditionSentences(const v1::Device& device) {
  std::vector<std::string> sentences;
  if (device.revoked()) {
    sentences.push_back("The device is revoked (" +
                        NameOf(v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED) +
                        "): it gets nothing.");
  }
  if (device.clone_suspected()) {
    sentences.push_back("Two machines hold this identity (" +
                        NameOf(v1::FAILURE_REASON_CONTROL_CLONED_IDENTITY) +
                        "): neither is served until one is enrolled again.");
  }
  if (!IsReachable(&device) && !device.revoked()) {
    sentences.push_back(
        "The device is " + Short(v1::Liveness_Name(device.liveness()), "LIVENESS_") +
        (device.has_last_seen_at() ? ", last seen at " + UtcText(FromWire(device.last_seen_at()))
                                   : std::string()) +
        ": it learns what it should run when it connects.");
  }
  for (const v1::LineCondition& line : device.condition().lines()) {
    if (line.engine() >= v1::ENGINE_CONDITION_CRASH_LOOPING) {
      sentences.push_back("The engine of line " + line.line() + " is " +
                          Short(v1::EngineCondition_Name(line.engine()), "ENGINE_CONDITION_") +
                          " (" + NameOf(line.cause()) + ").");
    }
  }
  return sentences;
}

std::string LineSentence(const v1::Device& device, const std::string& line,
                         const Opinion& opinion) {
  const v1::LineStatus* status = LineOf(device, line);
  std::string text = "Line " + line + ": ";
  if (status == nullptr || !status->has_current()) {
    text += "nothing is installed that the device has told of";
  } else {
    text += (HasStopped(device, status->current()) ? "answers no more with " : "runs ") +
            status->current().version() + (status->trial() ? " on trial" : "");
  }
  switch (opinion.kind) {
    case Opinion::Kind::kAssign:
      return text + "; should run " + opinion.assignment.release().version() + ", because " +
             opinion.why + ".";
    case Opinion::Kind::kLeave:
      return text + "; stays as it is, because " + opinion.why + ".";
    case Opinion::Kind::kNone:
      break;
  }
  return text + "; no rollout has reached it and no baseline is meant for it.";
}

std::string MemberSentence(const RolloutRun& run, const v1::RolloutDevice& device) {
  std::string text = "Rollout " + run.id() + " (" + run.spec().version() + "), wave " +
                     run.wave(device.wave()).spec().name() + ": " + device.device_id() + " is " +
                     NameOf(device.state());
  if (device.reason() != v1::FAILURE_REASON_UNSPECIFIED) {
    text += ", " + NameOf(device.reason());
  }
  if (device.has_golden()) {
    text += ", golden prompts " + std::to_string(device.golden().correct()) + " of " +
            std::to_string(device.golden().total());
    if (device.golden().has_running_correct()) {
      text += " against " + std::to_string(device.golden().running_correct()) +
              " of the release that ran";
    }
  }
  if (device.catch_up()) {
    text += ", in the catch-up lane";
  }
  if (device.pinned()) {
    text += ", left alone because it is pinned";
  }
  if (device.has_returned_at()) {
    text += ", back on the baseline since " + UtcText(FromWire(device.returned_at()));
  }
  return text + ".";
}

}  // namespace flotilla::rollout

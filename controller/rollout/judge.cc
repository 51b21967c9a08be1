#include "controller/rollout/judge.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "controller/rollout/evidence.h"
#include "controller/rollout/outcome.h"

namespace flotilla::rollout {
namespace {

constexpr std::uint32_t kMaxDegraded = 3;

std::string Fixed(double value) {
  std::array<char, 32> text{};
  // Cannot fail: the buffer holds any evidence, and a longer number is cut.
  (void)std::snprintf(text.data(), text.size(), "%+.2f", value);
  return text.data();
}

std::string Of(std::uint32_t part, std::uint32_t whole) {
  return std::to_string(part) + " of " + std::to_string(whole);
}

std::string GoldenText(const v1::GoldenScore& golden) {
  std::string text =
      "failed its golden prompts: " + Of(golden.correct(), golden.total()) + " correct";
  if (golden.has_running_correct()) {
    text += " against " + Of(golden.running_correct(), golden.total()) + " of the running release";
  } else {
    text += " against the floor of " + std::to_string(golden.floor_percent()) + " %";
  }
  return text;
}

std::string WhatFailed(const v1::RolloutDevice& device) {
  if (device.reason() == v1::FAILURE_REASON_INSTALL_SMOKE_FAILED && device.has_golden()) {
    return GoldenText(device.golden());
  }
  const std::string named = NameOf(device.state()) + ", " + NameOf(device.reason());
  if (device.state() == v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM) {
    return "went bad after it had confirmed (" + named + ")";
  }
  return "failed (" + named + ")";
}

std::uint32_t Degraded(const RolloutRun& run) {
  std::uint32_t degraded = 0;
  for (const v1::Wave& wave : run.row().waves()) {
    degraded += EvidenceOf(wave).degraded;
  }
  return degraded;
}

bool TooManyDegraded(const RolloutRun& run) {
  const std::uint32_t degraded = Degraded(run);
  return degraded >= kMaxDegraded ||
         (degraded > 0 && degraded * std::size_t{100} > run.devices().size());
}

bool IsRight(const v1::Wave& wave) {
  const WaveEvidence evidence = EvidenceOf(wave);
  return evidence.succeeded + evidence.already_current > 0;
}

// The last wave may consist of devices that are all offline.
bool RestsOnEarlierWaves(const RolloutRun& run) {
  return run.IsLastWave(run.row().current_wave()) &&
         std::any_of(run.row().waves().begin(), run.row().waves().end(), IsRight);
}

}  // namespace

bool IsSmall(const Sprt& sprt, std::uint32_t members) {
  return members < sprt.CleanPass();
}

Judgement JudgeFailure(const RolloutRun& run, const v1::RolloutDevice& failed) {
  const v1::Wave& wave = run.wave(failed.wave());
  const WaveEvidence evidence = EvidenceOf(wave);
  const std::string what = Of(evidence.quality_failures, wave.members()) + " in wave " +
                           wave.spec().name() + " failed; " + failed.device_id() + " " +
                           WhatFailed(failed);
  if (wave.small() && evidence.bad > 0) {
    return {Verdict::kAbort, what + "; the small-wave rule aborts at the first quality failure"};
  }
  if (run.sprt().Aborts(evidence.counted_failures, evidence.attempted)) {
    const double llr =
        run.sprt().Llr(evidence.counted_failures, evidence.attempted - evidence.counted_failures);
    return {Verdict::kAbort, what + "; " + std::to_string(evidence.attempted) + " attempted, LLR " +
                                 Fixed(llr) + " has reached the bound " +
                                 Fixed(run.sprt().abort_bound())};
  }
  if (TooManyDegraded(run)) {
    return {Verdict::kAbort, what + "; " + std::to_string(Degraded(run)) +
                                 " could not go back, the hard limit is 3 devices or 1 %"};
  }
  if (run.row().cusum() >= run.row().cusum_bound()) {
    return {Verdict::kAbort, what + "; the background monitor stands at " +
                                 Fixed(run.row().cusum()) + ", its bound is " +
                                 Fixed(run.row().cusum_bound())};
  }
  return {};
}

Judgement JudgeWave(const RolloutRun& run, const v1::Wave& wave) {
  const WaveEvidence evidence = EvidenceOf(wave);
  const std::string summary = WaveSummary(wave);
  if (wave.members() > 0 && !IsRight(wave) && !RestsOnEarlierWaves(run)) {
    return {Verdict::kInconclusive, summary + "; no device of the wave runs the release"};
  }
  // Neutral and offline devices can leave too few to judge by the bounds.
  const std::uint32_t judged = evidence.succeeded + evidence.counted_failures;
  if (wave.small() || IsSmall(run.sprt(), judged)) {
    if (evidence.quality_failures == 0 && evidence.delivery_failures == 0 &&
        evidence.security == 0) {
      return {Verdict::kPass, summary + "; small-wave rule: every reachable device is right and " +
                                  "the soak is over"};
    }
    return {Verdict::kInconclusive, summary + "; the small-wave rule passes only when every " +
                                        "reachable device succeeded"};
  }
  const std::string llr = "LLR " + Fixed(wave.llr()) + ", pass at " + Fixed(wave.llr_pass()) +
                          ", abort at " + Fixed(wave.llr_abort());
  const bool passes = run.sprt().Passes(evidence.counted_failures, evidence.succeeded);
  return {passes ? Verdict::kPass : Verdict::kInconclusive, summary + "; " + llr};
}

Judgement JudgeWhole(const RolloutRun& run) {
  std::uint32_t failures = 0;
  std::uint32_t succeeded = 0;
  for (const v1::Wave& wave : run.row().waves()) {
    const WaveEvidence evidence = EvidenceOf(wave);
    failures += evidence.counted_failures;
    succeeded += evidence.succeeded;
  }
  const std::string text = "all waves together: " + Of(succeeded, succeeded + failures) +
                           " succeeded, LLR " + Fixed(run.sprt().Llr(failures, succeeded));
  return {run.sprt().Passes(failures, succeeded) ? Verdict::kPass : Verdict::kInconclusive, text};
}

std::string WaveSummary(const v1::Wave& wave) {
  const WaveEvidence evidence = EvidenceOf(wave);
  std::string text = Of(evidence.succeeded, wave.members()) + " succeeded";
  const auto add = [&](std::uint32_t count, const char* what) {
    if (count > 0) {
      text += ", " + std::to_string(count) + " " + what;
    }
  };
  add(evidence.already_current, "already current");
  add(evidence.quality_failures, "failed");
  add(wave.excused(), "of them with another of their site and hour");
  add(evidence.delivery_failures, "not delivered");
  add(evidence.targeting, "not fit");
  add(evidence.security, "refused for trust");
  add(evidence.open, "open");
  return text;
}

}  // namespace flotilla::rollout

#include "controller/rollout/sim/simulation.h"

#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/rollout_book.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/sim/sim_agent.h"
#include "controller/rollout/sim/sim_draws.h"
#include "controller/rollout/sim/sim_events.h"
#include "controller/rollout/sim/sim_fleet.h"
#include "controller/rollout/sim/sim_links.h"
#include "controller/rollout/sim/sim_trouble.h"

namespace flotilla::rollout {
namespace {

constexpr Duration kTick = absl::Seconds(30);
constexpr Duration kAgainLeast = absl::Seconds(5);
constexpr Duration kAgainMost = absl::Seconds(60);
constexpr Duration kLatest = absl::Hours(2);
constexpr char kOperator[] = "simulation";

// Pauses that end without a person.
bool EndsBySelf(v1::PauseReason reason) {
  return reason == v1::PAUSE_REASON_SOURCE_UNAVAILABLE ||
         reason == v1::PAUSE_REASON_FLEET_CONNECTIVITY ||
         reason == v1::PAUSE_REASON_OUT_OF_WINDOW || reason == v1::PAUSE_REASON_FREEZE;
}

std::string ShortName(const std::string& name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string AbortCause(const v1::Rollout& rollout) {
  for (const auto& [words, name] :
       {std::pair{"small-wave rule", "small-wave rule"}, std::pair{"the hard limit", "hard limit"},
        std::pair{"background monitor", "background monitor"}, std::pair{"LLR", "SPRT"}}) {
    if (absl::StrContains(rollout.why(), words)) {
      return name;
    }
  }
  return "other";
}

std::string CauseOf(const v1::Rollout& rollout, SimEnd end) {
  const v1::Wave& wave = rollout.waves(static_cast<int>(rollout.current_wave()));
  switch (end) {
    case SimEnd::kCompleted:
      return "every wave passed";
    case SimEnd::kAborted:
      return absl::StrCat(AbortCause(rollout), " in wave ", wave.spec().name());
    case SimEnd::kPaused:
      return absl::StrCat(ShortName(v1::PauseReason_Name(rollout.pause_reason()), "PAUSE_REASON_"),
                          " in wave ", wave.spec().name());
    case SimEnd::kUnfinished:
      break;
  }
  return absl::StrCat("not ended in time, in wave ", wave.spec().name());
}

class Simulation {
 public:
  Simulation(const SimModel& model, const v1::RolloutSpec& spec, Random& random)
      : model_(model),
        spec_(spec),
        draws_(random),
        fleet_(model, spec.line(), spec.version(), draws_),
        links_(model, fleet_, draws_, events_),
        trouble_(model, draws_),
        book_(fleet_),
        agents_(model.devices),
        slowness_(model.devices, 1),
        waits_(model.devices) {
    for (double& slowness : slowness_) {
      slowness = draws_.Chance(model.slow_share) ? model.slow_factor : 1;
    }
  }

  StatusOr<SimResult> Run() {
    const Time start = now_;
    links_.Begin(start);
    FLOTILLA_RETURN_IF_ERROR(Begin());
    events_.Plan({now_ + kTick, SimEvent::Kind::kTick});
    while (!events_.empty() && !Ended()) {
      const SimEvent event = events_.Take();
      if (event.at > start + model_.horizon) {
        break;
      }
      now_ = event.at;
      Handle(event);
      TellTouched();
    }
    return Result(start);
  }

 private:
  Status Begin() {
    book_.Load({}, {}, {{spec_.line(), fleet_.baseline(), "", ""}});
    FLOTILLA_ASSIGN_OR_RETURN(const RolloutChange created,
                              book_.Create(spec_, kOperator, EmptyMatch::kRefuse, now_));
    Take(created);
    return Act(v1::ROLLOUT_ACTION_START);
  }

  Status Act(v1::RolloutAction action) {
    FLOTILLA_ASSIGN_OR_RETURN(
        const RolloutChange change,
        book_.Act(spec_.name(), action, v1::HOLD_MODE_UNSPECIFIED, kOperator, now_));
    Take(change);
    TellTouched();
    return OkStatus();
  }

  void Take(const RolloutChange& change) {
    for (const std::string& device_id : change.touched_devices) {
      touched_.push_back(SimFleet::IndexOf(device_id));
    }
  }

  void TellTouched() {
    // Telling a device makes no change of the book.
    for (const std::uint32_t device : std::exchange(touched_, {})) {
      if (links_.Connected(device)) {
        Tell(device);
      }
    }
  }

  void Tell(std::uint32_t device) {
    const v1::DesiredState desired = book_.Desired(fleet_.IdOf(device));
    SimAgent::Told told;
    if (desired.assignments_size() > 0) {
      told.assignment = &desired.assignments(0);
      told.of_baseline = told.assignment->release().sha256() == fleet_.baseline().sha256();
    }
    if (const auto next = agents_[device].Tell(told, draws_); next.has_value()) {
      PlanStep(device, *next);
    }
  }

  void PlanStep(std::uint32_t device, Duration after) {
    events_.Plan({now_ + after, SimEvent::Kind::kStep, device, agents_[device].plan()});
  }

  void Handle(const SimEvent& event) {
    switch (event.kind) {
      case SimEvent::Kind::kStep:
        if (event.token == agents_[event.subject].plan()) {
          Step(event.subject);
        }
        break;
      case SimEvent::Kind::kGoesBad:
        GoBad(event.subject);
        break;
      case SimEvent::Kind::kTick:
        Take(book_.Tick(now_));
        events_.Plan({now_ + kTick, SimEvent::Kind::kTick});
        break;
      default:
        MoveLinks(event);
        break;
    }
  }

  void MoveLinks(const SimEvent& event) {
    const SimLinks::Moved moved = links_.Handle(event);
    for (const std::uint32_t device : moved.shown) {
      Take(book_.OnDevice(fleet_.IdOf(device), now_));
    }
    for (const std::uint32_t device : moved.back) {
      touched_.push_back(device);
      if (waits_[device]) {
        waits_[device] = false;
        PlanStep(device, draws_.Between(kAgainLeast, kAgainMost));
      }
    }
  }

  SimFate DrawFate(std::uint32_t device) {
    SimFate fate;
    const double rate =
        fleet_.IsBadClass(device) ? model_.bad_class_failures : model_.release_failures;
    if (draws_.Chance(rate)) {
      return {true, draws_.Chance(model_.late)};
    }
    fate.fails = trouble_.Strikes(fleet_.SiteOfDevice(device), now_);
    return fate;
  }

  void Step(std::uint32_t device) {
    if (!links_.Connected(device)) {
      waits_[device] = true;
      return;
    }
    SimAgent& agent = agents_[device];
    SimFate fate;
    bool delivered = true;
    if (agent.phase() == SimAgent::Phase::kFetching) {
      delivered = links_.SourceUp() && !draws_.Chance(model_.delivery_failures);
      fate = DrawFate(device);
    }
    SimAgent::Said said;
    const auto next = agent.Step(delivered, fate, model_, slowness_[device], draws_, said);
    if (next.has_value()) {
      PlanStep(device, *next);
    }
    if (delivered && fate.fails && fate.late) {
      events_.Plan({now_ + model_.trial + draws_.Between(kAgainLeast, kLatest),
                    SimEvent::Kind::kGoesBad, device});
    }
    Report(device, said);
  }

  void GoBad(std::uint32_t device) {
    if (agents_[device].GoBad()) {
      Report(device, {v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM,
                      v1::FAILURE_REASON_INSTALL_CRASH_LOOP, false});
    }
  }

  void Report(std::uint32_t device, const SimAgent::Said& said) {
    v1::UpdateReport report;
    *report.mutable_release() = said.of_baseline ? fleet_.baseline() : fleet_.candidate();
    report.set_rollout_id(spec_.name());
    report.set_attempt(agents_[device].attempt());
    report.set_state(said.state);
    report.set_reason(said.reason);
    ++reports_;
    Take(book_.OnReport(fleet_.IdOf(device), report, now_));
    touched_.push_back(device);
  }

  bool Ended() {
    const v1::Rollout& rollout = *book_.Find(spec_.name());
    if (rollout.state() == v1::ROLLOUT_STATE_PAUSED &&
        rollout.pause_reason() == v1::PAUSE_REASON_GATE) {
      return !Act(v1::ROLLOUT_ACTION_PROMOTE).ok();
    }
    end_ = EndOf(rollout);
    return end_ != SimEnd::kUnfinished;
  }

  static SimEnd EndOf(const v1::Rollout& rollout) {
    switch (rollout.state()) {
      case v1::ROLLOUT_STATE_COMPLETED:
        return SimEnd::kCompleted;
      case v1::ROLLOUT_STATE_PAUSED:
        return EndsBySelf(rollout.pause_reason()) ? SimEnd::kUnfinished : SimEnd::kPaused;
      case v1::ROLLOUT_STATE_ABORTED:
        return SimEnd::kAborted;
      default:
        return SimEnd::kUnfinished;
    }
  }

  SimResult Result(Time start) const {
    SimResult result;
    result.rollout = *book_.Find(spec_.name());
    result.end = end_;
    result.cause = CauseOf(result.rollout, end_);
    result.took = now_ - start;
    result.reports = reports_;
    for (const SimAgent& agent : agents_) {
      result.exposed += agent.tried() ? 1U : 0U;
      result.running += agent.runs_new() ? 1U : 0U;
    }
    return result;
  }

  const SimModel& model_;
  const v1::RolloutSpec& spec_;
  SimDraws draws_;
  SimEvents events_;
  SimFleet fleet_;
  SimLinks links_;
  SimTrouble trouble_;
  RolloutBook book_;
  std::vector<SimAgent> agents_;
  std::vector<double> slowness_;
  // Devices whose planned step fell due while they were cut off.
  std::vector<bool> waits_;
  std::vector<std::uint32_t> touched_;
  Time now_ = absl::FromUnixSeconds(1'800'000'000);
  SimEnd end_ = SimEnd::kUnfinished;
  std::uint64_t reports_ = 0;
};

}  // namespace

StatusOr<SimResult> Simulate(const SimModel& model, const v1::RolloutSpec& spec, Random& random) {
  FLOTILLA_RETURN_IF_ERROR(CheckModel(model));
  FLOTILLA_RETURN_IF_ERROR(CheckSpec(spec));
  return Simulation(model, spec, random).Run();
}

}  // namespace flotilla::rollout

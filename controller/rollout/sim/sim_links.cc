#include "controller/rollout/sim/sim_links.h"

namespace flotilla::rollout {
namespace {

constexpr Duration kMissedAfter = absl::Minutes(10);

}  // namespace

SimLinks::SimLinks(const SimModel& model, SimFleet& fleet, SimDraws& draws, SimEvents& events)
    : model_(model), fleet_(fleet), draws_(draws), events_(events), links_(fleet.size()) {
  present_ = model.offline > 0 ? model.away * ((1 - model.offline) / model.offline)
                               : absl::InfiniteDuration();
}

void SimLinks::Begin(Time start) {
  for (std::uint32_t i = 0; i < links_.size() && model_.offline > 0; ++i) {
    Link& link = links_[i];
    link.away = draws_.Chance(model_.offline);
    link.shown_offline = link.away;
    fleet_.SetReachable(i, !link.away);
    const Duration spell = draws_.Exponential(link.away ? model_.away : present_);
    events_.Plan(
        {start + spell, link.away ? SimEvent::Kind::kComesBack : SimEvent::Kind::kLeaves, i});
  }
  for (std::uint32_t i = 0; i < model_.outages.size(); ++i) {
    const SimOutage& outage = model_.outages[i];
    events_.Plan({start + outage.start, SimEvent::Kind::kOutageBegins, i});
    events_.Plan({start + outage.start + outage.length, SimEvent::Kind::kOutageEnds, i});
  }
}

SimLinks::Moved SimLinks::Handle(const SimEvent& event) {
  Moved moved;
  switch (event.kind) {
    case SimEvent::Kind::kLeaves:
      events_.Plan(
          {event.at + draws_.Exponential(model_.away), SimEvent::Kind::kComesBack, event.subject});
      Change(event.subject, /*away=*/true, 0, event.at, moved);
      break;
    case SimEvent::Kind::kComesBack:
      events_.Plan(
          {event.at + draws_.Exponential(present_), SimEvent::Kind::kLeaves, event.subject});
      Change(event.subject, /*away=*/false, 0, event.at, moved);
      break;
    case SimEvent::Kind::kMissed: {
      Link& link = links_[event.subject];
      if (!Connected(event.subject) && link.spell == event.token && !link.shown_offline) {
        link.shown_offline = true;
        fleet_.SetReachable(event.subject, false);
        moved.shown.push_back(event.subject);
      }
      break;
    }
    case SimEvent::Kind::kOutageBegins:
      Cut(model_.outages[event.subject], 1, event.at, moved);
      break;
    case SimEvent::Kind::kOutageEnds:
      Cut(model_.outages[event.subject], -1, event.at, moved);
      break;
    default:
      break;
  }
  return moved;
}

void SimLinks::Cut(const SimOutage& outage, std::int32_t by, Time now, Moved& moved) {
  if (outage.kind == SimOutage::Kind::kSource) {
    source_cuts_ += static_cast<std::uint32_t>(by);
    return;
  }
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    if (outage.kind == SimOutage::Kind::kNetwork || fleet_.SiteOfDevice(i) < outage.sites) {
      Change(i, links_[i].away, by, now, moved);
    }
  }
}

void SimLinks::Change(std::uint32_t device, bool away, std::int32_t cuts, Time now, Moved& moved) {
  Link& link = links_[device];
  const bool before = Connected(device);
  link.away = away;
  link.cuts += static_cast<std::uint32_t>(cuts);
  const bool after = Connected(device);
  if (before && !after) {
    ++link.spell;
    events_.Plan({now + kMissedAfter, SimEvent::Kind::kMissed, device, link.spell});
  }
  if (!before && after) {
    moved.back.push_back(device);
    if (link.shown_offline) {
      link.shown_offline = false;
      fleet_.SetReachable(device, true);
      moved.shown.push_back(device);
    }
  }
}

}  // namespace flotilla::rollout

#include "controller/rollout/sim/sim_trouble.h"

#include <algorithm>

namespace flotilla::rollout {
namespace {

constexpr double kFailsInEpisode = 0.5;

}  // namespace

SimTrouble::SimTrouble(const SimModel& model, SimDraws& draws) : model_(model), draws_(draws) {
  const double by_site = model.sites == 0 ? 0 : model.background * model.background_by_site;
  alone_ = model.background - by_site;
  const double share = std::min(by_site / kFailsInEpisode, 0.99);
  if (share <= 0) {
    return;
  }
  gap_ = model.episode * ((1 - share) / share);
  next_.resize(model.sites);
}

bool SimTrouble::Strikes(std::uint32_t site, Time now) {
  const bool alone = alone_ > 0 && draws_.Chance(alone_);
  return alone || (!next_.empty() && InEpisode(site, now) && draws_.Chance(kFailsInEpisode));
}

bool SimTrouble::InEpisode(std::uint32_t site, Time now) {
  Episode& episode = next_[site];
  if (episode.end == episode.start) {
    // Its first look: the process is without memory, so it may begin here.
    const bool inside = draws_.Chance(absl::FDivDuration(model_.episode, model_.episode + gap_));
    episode.start = inside ? now : now + draws_.Exponential(gap_);
    episode.end = episode.start + draws_.Exponential(model_.episode);
  }
  while (episode.end <= now) {
    episode.start = episode.end + draws_.Exponential(gap_);
    episode.end = episode.start + draws_.Exponential(model_.episode);
  }
  return episode.start <= now;
}

}  // namespace flotilla::rollout

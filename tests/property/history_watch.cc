#include "tests/property/history_watch.h"

#include <cmath>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/sprt.h"

namespace flotilla::rollout {
namespace {

bool IsFinal(v1::RolloutState state) {
  return state == v1::ROLLOUT_STATE_COMPLETED || state == v1::ROLLOUT_STATE_ABORTED ||
         state == v1::ROLLOUT_STATE_ROLLED_BACK || state == v1::ROLLOUT_STATE_SUPERSEDED ||
         state == v1::ROLLOUT_STATE_CANCELLED;
}

bool IsActive(v1::RolloutState state) {
  return state == v1::ROLLOUT_STATE_RUNNING || state == v1::ROLLOUT_STATE_PAUSED;
}

struct Recount {
  std::map<std::uint32_t, std::uint32_t> states;
  std::uint32_t members = 0;
  std::uint32_t quality = 0;
  std::uint32_t delivery = 0;
  std::uint32_t excused = 0;
  std::uint32_t succeeded = 0;
};

std::vector<Recount> RecountOf(const v1::Rollout& rollout,
                               const std::vector<v1::RolloutDevice>& rows) {
  std::vector<Recount> waves(static_cast<std::size_t>(rollout.waves_size()));
  for (const v1::RolloutDevice& row : rows) {
    Recount& wave = waves[row.wave()];
    const Outcome outcome = OutcomeOf(row.state());
    ++wave.states[static_cast<std::uint32_t>(row.state())];
    ++wave.members;
    wave.quality += outcome == Outcome::kQuality ? 1U : 0U;
    wave.delivery += outcome == Outcome::kDelivery ? 1U : 0U;
    wave.succeeded += outcome == Outcome::kSuccess ? 1U : 0U;
    wave.excused += row.excused() ? 1U : 0U;
  }
  return waves;
}

}  // namespace

std::string HistoryWatch::Check(const RolloutBook& book) {
  for (const v1::Rollout& rollout : book.List()) {
    const Rows rows = book.Devices(rollout.id());
    Last& last = last_[rollout.id()];
    for (const std::string& broken :
         {CheckCounters(rollout, rows), CheckOffers(rollout, rows, last),
          CheckTerminal(rollout, rows, last), CheckPromotion(rollout, last)}) {
      if (!broken.empty()) {
        return absl::StrCat(rollout.id(), ": ", broken);
      }
    }
    last.rollout = rollout;
    last.rows.clear();
    for (const v1::RolloutDevice& row : rows) {
      last.rows[row.device_id()] = row;
    }
  }
  return CheckOneRollout(book);
}

std::string HistoryWatch::CheckCounters(const v1::Rollout& rollout, const Rows& rows) {
  const std::vector<Recount> recount = RecountOf(rollout, rows);
  const Sprt sprt(rollout.spec().strategy().judge());
  for (int i = 0; i < rollout.waves_size(); ++i) {
    const v1::Wave& wave = rollout.waves(i);
    const Recount& counted = recount[static_cast<std::size_t>(i)];
    const std::map<std::uint32_t, std::uint32_t> stored(wave.counts().begin(), wave.counts().end());
    if (stored != counted.states || wave.members() != counted.members ||
        wave.quality_failures() != counted.quality ||
        wave.delivery_failures() != counted.delivery || wave.excused() != counted.excused) {
      return absl::StrCat("wave ", i, ": counters differ from a recount: ", wave.DebugString());
    }
    const double llr = sprt.Llr(counted.quality - counted.excused, counted.succeeded);
    if (counted.members > 0 && std::abs(llr - wave.llr()) > 1e-9) {
      return absl::StrCat("wave ", i, ": LLR ", wave.llr(), " where a recount gives ", llr);
    }
  }
  return {};
}

// A call that offers never leaves more offered or busy devices in a lane, or at a site, than its
// cap.
std::string HistoryWatch::CheckOffers(const v1::Rollout& rollout, const Rows& rows,
                                      const Last& last) {
  std::map<bool, std::uint32_t> in_flight;
  std::map<std::string, std::uint32_t> at_site;
  std::map<bool, bool> offered;
  std::map<std::string, bool> offered_at;
  for (const v1::RolloutDevice& row : rows) {
    const auto before = last.rows.find(row.device_id());
    const bool is_new = row.state() == v1::DEPLOYMENT_STATE_OFFERED &&
                        (before == last.rows.end() || before->second.state() != row.state());
    offered[row.catch_up()] |= is_new;
    offered_at[row.site()] |= is_new;
    in_flight[row.catch_up()] += IsInFlight(row.state()) ? 1U : 0U;
    at_site[row.site()] += IsInFlight(row.state()) ? 1U : 0U;
  }
  const std::uint32_t index = rollout.current_wave();
  const std::uint32_t cap =
      InFlightCap(rollout.spec(), rollout.waves(static_cast<int>(index)).spec(), index);
  if ((offered[false] && in_flight[false] > cap) ||
      (offered[true] && in_flight[true] > kCatchUpCap)) {
    return absl::StrCat(in_flight[false], " in flight with a cap of ", cap, ", ", in_flight[true],
                        " in the catch-up lane");
  }
  const std::uint32_t per_site = rollout.spec().delivery().per_site();
  for (const auto& [site, busy] : at_site) {
    if (per_site > 0 && !site.empty() && busy > per_site && offered_at[site]) {
      return absl::StrCat(busy, " in flight at ", site, " with a cap of ", per_site);
    }
  }
  return {};
}

std::string HistoryWatch::CheckTerminal(const v1::Rollout& rollout, const Rows& rows,
                                        const Last& last) {
  const v1::RolloutState was = last.rollout.state();
  const bool rolled_back =
      was == v1::ROLLOUT_STATE_COMPLETED && (rollout.state() == v1::ROLLOUT_STATE_ROLLING_BACK ||
                                             rollout.state() == v1::ROLLOUT_STATE_ROLLED_BACK);
  if (IsFinal(was) && rollout.state() != was && !rolled_back) {
    return absl::StrCat("went from ", v1::RolloutState_Name(was), " to ",
                        v1::RolloutState_Name(rollout.state()));
  }
  for (const v1::RolloutDevice& row : rows) {
    const auto before = last.rows.find(row.device_id());
    if (before == last.rows.end() || !IsTerminal(before->second.state()) ||
        before->second.state() == row.state()) {
      continue;
    }
    const v1::RolloutDevice& old = before->second;
    // A delivery is tried again, and a device that is not pinned any more.
    const bool again =
        row.attempt() > old.attempt() && (OutcomeOf(old.state()) == Outcome::kDelivery ||
                                          old.state() == v1::DEPLOYMENT_STATE_REJECTED_PINNED);
    if (!again && !MayReport(old.state(), row.state())) {
      return absl::StrCat(row.device_id(), " went from ", NameOf(old.state()), " to ",
                          NameOf(row.state()));
    }
  }
  return {};
}

std::string HistoryWatch::CheckPromotion(const v1::Rollout& rollout, const Last& last) {
  for (std::uint32_t i = 0; i < rollout.current_wave(); ++i) {
    const v1::WaveState state = rollout.waves(static_cast<int>(i)).state();
    const bool is_new = i >= last.rollout.current_wave();
    // A wave that had passed fails when a device of it goes bad later.
    if (state != v1::WAVE_STATE_PASSED && (is_new || state != v1::WAVE_STATE_FAILED)) {
      return absl::StrCat("went on past wave ", i, ", which is ", v1::WaveState_Name(state));
    }
  }
  if (rollout.state() == v1::ROLLOUT_STATE_COMPLETED &&
      last.rollout.state() != v1::ROLLOUT_STATE_COMPLETED &&
      rollout.waves().rbegin()->state() != v1::WAVE_STATE_PASSED) {
    return "completed without having passed its last wave";
  }
  return {};
}

namespace {

// While a member is held it goes back from what another rollout took back.
bool IsSentBack(const RolloutBook& book, const v1::Assignment& assignment) {
  const v1::Rollout* other = book.Find(assignment.rollout_id());
  return other != nullptr && (other->state() == v1::ROLLOUT_STATE_ABORTING ||
                              other->state() == v1::ROLLOUT_STATE_ABORTED ||
                              other->state() == v1::ROLLOUT_STATE_ROLLING_BACK ||
                              other->state() == v1::ROLLOUT_STATE_ROLLED_BACK);
}

// What a member of an active rollout should run.
std::string CheckDesired(const RolloutBook& book, const v1::Rollout& rollout,
                         const v1::RolloutDevice& row) {
  const v1::DesiredState desired = book.Desired(row.device_id());
  for (const v1::Assignment& assignment : desired.assignments()) {
    const bool offered = IsInFlight(row.state()) && !IsSentBack(book, assignment);
    if (offered && assignment.release().sha256() != rollout.release().sha256()) {
      return absl::StrCat(row.device_id(), " is in flight in ", rollout.id(), " and should run ",
                          assignment.release().version());
    }
  }
  if (desired.assignments_size() > 1) {
    return absl::StrCat(row.device_id(), " should run two releases of one line");
  }
  return {};
}

}  // namespace

std::string HistoryWatch::CheckOneRollout(const RolloutBook& book) {
  std::map<std::string, std::string> active;
  for (const v1::Rollout& rollout : book.List()) {
    if (!IsActive(rollout.state())) {
      continue;
    }
    const auto [other, is_new] = active.emplace(rollout.spec().line(), rollout.id());
    if (!is_new) {
      return absl::StrCat(rollout.id(), " and ", other->second, " of one line are both active");
    }
    for (const v1::RolloutDevice& row : book.Devices(rollout.id())) {
      if (std::string broken = CheckDesired(book, rollout, row); !broken.empty()) {
        return broken;
      }
    }
  }
  return {};
}

}  // namespace flotilla::rollout

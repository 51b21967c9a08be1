// The questions a rollout book answers.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "controller/rollout/desired.h"
#include "controller/rollout/explain.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/rollout_book.h"
#include "controller/rollout/rollout_run.h"
#include "controller/rollout/window_words.h"

namespace flotilla::rollout {
namespace {

// Which rollouts speak for a device as what its line is meant to run.
class StableRuns {
 public:
  // `baseline` may be null.
  StableRuns(const LineBaseline* baseline, const v1::Device& device)
      : baseline_(baseline), device_(device) {}

  bool Holds(const RolloutRun& run) {
    if (baseline_ == nullptr || baseline_->rollout_id == run.id()) {
      return baseline_ != nullptr;
    }
    // Beside a baseline that is not meant for the device its own rollouts still speak for it.
    return run.Is(v1::ROLLOUT_STATE_COMPLETED) && !IsMeant();
  }

 private:
  // Asked for once, and only if it matters.
  bool IsMeant() {
    if (!meant_.has_value()) {
      meant_ = IsMeantFor(*baseline_, device_);
    }
    return *meant_;
  }

  const LineBaseline* const baseline_;
  const v1::Device& device_;
  std::optional<bool> meant_;
};

}  // namespace

std::vector<std::string> RolloutBook::Lines() const {
  std::set<std::string_view> lines;
  for (const auto& run : runs_) {
    lines.insert(run->spec().line());
  }
  for (const auto& [line, baseline] : baselines_) {
    lines.insert(line);
  }
  for (const v1::Release* revoked : fleet_.RevokedReleases()) {
    lines.insert(revoked->ref().line());
  }
  for (const auto& [line, pins] : policies_.pinned_lines()) {
    lines.insert(line);
  }
  return {lines.begin(), lines.end()};
}

Opinion RolloutBook::OpinionOn(const v1::Device& device, const std::string& line) const {
  if (!IsServed(device)) {
    return {};
  }
  const v1::Release* revoked = RevokedCurrent(device, line);
  Opinion opinion = RolloutOpinion(device, line, revoked);
  const v1::Pin* pin = policies_.PinOf(device.id(), line);
  const bool pinned = pin != nullptr && FindRevoked(pin->release()) == nullptr;
  return pinned ? PinOpinion(*pin, std::move(opinion)) : opinion;
}

// What the rollouts say, the newest of the highest rank.
Opinion RolloutBook::SpokenFor(const v1::Device& device, const std::string& line,
                               const v1::Release* revoked) const {
  const auto baseline = baselines_.find(line);
  StableRuns stable(baseline == baselines_.end() ? nullptr : &baseline->second, device);
  const v1::Freeze* freeze = policies_.Holding(device);
  Opinion first;
  std::uint64_t spoken = 0;
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    const std::uint64_t rank = (*run)->IsActive() ? 1ULL + (*run)->spec().priority() : 0;
    const bool heard = first.kind == Opinion::Kind::kNone || rank > spoken;
    if ((*run)->spec().line() != line || !heard) {
      continue;
    }
    const Standing standing = stable.Holds(**run) ? Standing::kStable : Standing::kOther;
    Opinion opinion =
        BesideRevocations(**run, device, revoked, OpinionOf(**run, device, standing, freeze));
    if (opinion.kind != Opinion::Kind::kNone) {
      first = std::move(opinion);
      spoken = rank;
    }
  }
  return first;
}

Opinion RolloutBook::WayBack(const v1::Device& device, const std::string& line,
                             const v1::Release* revoked) const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if ((*run)->spec().line() == line && RunsWhatWasTakenBack(**run, device)) {
      return BesideRevocations(**run, device, revoked,
                               OpinionOf(**run, device, Standing::kOther, nullptr));
    }
  }
  return {};
}

Opinion RolloutBook::RolloutOpinion(const v1::Device& device, const std::string& line,
                                    const v1::Release* revoked) const {
  Opinion spoken = SpokenFor(device, line, revoked);
  if (spoken.assignment.hold() != v1::HOLD_MODE_UNSPECIFIED) {
    Opinion back = WayBack(device, line, revoked);
    return back.kind == Opinion::Kind::kNone ? spoken : back;
  }
  if (spoken.kind != Opinion::Kind::kNone) {
    return spoken;
  }
  if (revoked != nullptr && !StableIsNewer(line, *revoked)) {
    return RevocationOpinion(*revoked, device);
  }
  const auto baseline = baselines_.find(line);
  return baseline == baselines_.end() ? Opinion{} : BaselineOpinion(baseline->second, device);
}

v1::DesiredState RolloutBook::Desired(const std::string& device_id) const {
  v1::DesiredState desired;
  const v1::Device* device = fleet_.FindDevice(device_id);
  if (device == nullptr) {
    return desired;
  }
  for (const std::string& line : Lines()) {
    Opinion opinion = OpinionOn(*device, line);
    if (opinion.kind == Opinion::Kind::kAssign) {
      *desired.add_assignments() = std::move(opinion.assignment);
    }
  }
  AddStops(*device, desired);
  return desired;
}

std::vector<std::string> RolloutBook::ExplainRollout(const std::string& rollout_id) const {
  const RolloutRun* run = FindRun(rollout_id);
  return run == nullptr ? std::vector<std::string>() : SentencesOf(*run, fleet_, policies_);
}

std::vector<std::string> RolloutBook::ExplainDevice(const std::string& device_id) const {
  const v1::Device* device = fleet_.FindDevice(device_id);
  if (device == nullptr) {
    return {};
  }
  std::vector<std::string> sentences = ConditionSentences(*device);
  for (const std::string& line : Lines()) {
    sentences.push_back(LineSentence(*device, line, OpinionOn(*device, line)));
  }
  if (const v1::Freeze* freeze = policies_.Holding(*device); freeze != nullptr) {
    sentences.push_back(FreezeSentence(*freeze));
  }
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    const v1::RolloutDevice* row = (*run)->FindDevice(device_id);
    if (row == nullptr) {
      continue;
    }
    sentences.push_back(MemberSentence(**run, *row));
    std::string waits = (*run)->IsActive() || (*run)->Is(v1::ROLLOUT_STATE_COMPLETED)
                            ? DeviceWindowSentence(**run, *row, *device)
                            : std::string();
    if (!waits.empty()) {
      sentences.push_back(std::move(waits));
    }
  }
  return sentences;
}

const v1::Rollout* RolloutBook::Find(const std::string& rollout_id) const {
  const RolloutRun* run = FindRun(rollout_id);
  return run == nullptr ? nullptr : &run->row();
}

std::vector<v1::Rollout> RolloutBook::List() const {
  std::vector<v1::Rollout> rollouts;
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    rollouts.push_back((*run)->row());
  }
  return rollouts;
}

std::vector<v1::RolloutDevice> RolloutBook::Devices(const std::string& rollout_id) const {
  std::vector<v1::RolloutDevice> devices;
  if (const RolloutRun* run = FindRun(rollout_id); run != nullptr) {
    for (const auto& [device_id, row] : run->devices()) {
      devices.push_back(row);
    }
  }
  std::stable_sort(devices.begin(), devices.end(),
                   [](const auto& a, const auto& b) { return a.wave() < b.wave(); });
  return devices;
}

std::vector<LineBaseline> RolloutBook::Baselines() const {
  std::vector<LineBaseline> baselines;
  for (const auto& [line, baseline] : baselines_) {
    baselines.push_back(baseline);
  }
  return baselines;
}

StatusOr<std::uint32_t> RolloutBook::CountMatching(const std::string& text) const {
  FLOTILLA_ASSIGN_OR_RETURN(const Selector selector, Selector::Parse(text));
  std::uint32_t count = 0;
  fleet_.ForEachDevice([&](const v1::Device& device) {
    count += IsServed(device) && selector.Matches(device) ? 1U : 0U;
  });
  return count;
}

}  // namespace flotilla::rollout

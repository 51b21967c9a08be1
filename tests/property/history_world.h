#ifndef FLOTILLA_TESTS_PROPERTY_HISTORY_WORLD_H_
#define FLOTILLA_TESTS_PROPERTY_HISTORY_WORLD_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "controller/rollout/rollout_book.h"
#include "tests/property/history_agent.h"
#include "tests/property/history_watch.h"
#include "tests/support/fake_fleet_view.h"

namespace flotilla::rollout {

// One random history: devices, a network that delays, repeats, reorders and loses their reports,
// operators who press every button, and a controller that starts again from what it has stored.
class HistoryWorld {
 public:
  explicit HistoryWorld(std::uint32_t seed);

  // Empty, or the promise that was broken.
  std::string Run(std::uint32_t steps);
  // Every device comes back and every report arrives: what was aborted runs nowhere any more.
  std::string Settle();

  // What happened, oldest first.
  const std::vector<std::string>& events() const { return events_; }

 private:
  struct Letter {
    std::string device;
    v1::UpdateReport report;
  };

  std::uint32_t Below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  bool Often(std::uint32_t percent) { return Below(100) < percent; }
  const std::string& AnyDevice() { return ids_[Below(static_cast<std::uint32_t>(ids_.size()))]; }
  std::string AnyRollout();
  void Note(std::string what) { events_.push_back(std::move(what)); }

  void Publish(const std::string& version);
  void Create(const std::string& id, const std::string& version);
  v1::RolloutSpec SpecOf(const std::string& id, const std::string& version);
  void Take(const RolloutChange& change);

  void Step();
  void Work(const std::string& device);
  void Hear(const std::string& device);
  void Observe(const std::string& device);
  void Deliver();
  void MoveDevice();
  void Operate();
  void Extend(const std::string& id);
  // A freeze or a pin comes or goes.
  void Rule();
  // Every freeze and pin goes.
  void LiftRules();
  std::string Restart();
  void AllStep();
  void DeliverAll();
  std::string CheckRunning() const;
  HistoryAgent::Luck DrawLuck();

  std::mt19937 random_;
  testing::FakeFleetView fleet_;
  RolloutBook book_;
  HistoryWatch watch_;
  Time now_;
  std::vector<std::string> ids_;
  std::map<std::string, HistoryAgent> agents_;
  std::vector<Letter> letters_;
  std::uint32_t rollouts_ = 0;
  // Percent of steps that fail in some way; drawn for the whole history.
  std::uint32_t trouble_ = 0;
  std::map<std::string, v1::Rollout> stored_rollouts_;
  std::map<std::pair<std::string, std::string>, v1::RolloutDevice> stored_devices_;
  std::map<std::string, LineBaseline> stored_baselines_;
  std::map<std::string, v1::Policy> stored_policies_;
  std::uint32_t freezes_ = 0;
  std::vector<std::string> events_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_TESTS_PROPERTY_HISTORY_WORLD_H_

// A site whose controller leads private health with a second party's helper, and simulated devices.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_HEALTH_FLEET_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_HEALTH_FLEET_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/second_party.h"

namespace flotilla::e2e {

// The window of a task as `fleetctl health show -o json` has it.
struct ShownWindow {
  std::string state;
  std::string reason;
  std::int64_t reports = 0;
  double interval = 0;
  std::vector<std::int64_t> counts;
};

// Numbers of 64 bits travel as text, and zeros not at all (nullptr).
std::int64_t Number(const boost::json::value* value);
const boost::json::value* At(const boost::json::value& value, const std::string& pointer);
std::string Text(const boost::json::value& value, const std::string& pointer);

class HealthFleet : public FleetTest {
 protected:
  // What a test of its own asks beside: heartbeats, for one.
  explicit HealthFleet(const SiteOptions& options = {});

  // Starts a task that asks this of all devices on 1.0.0. Its id.
  StatusOr<std::string> Ask(const std::string& metric, const std::string& window);
  // The newest window of the task; empty while there is none.
  ShownWindow NewestWindow(const std::string& task);
  bool Reaches(const std::string& task, const std::string& state, Duration limit);

  // Starts simulated devices; they are enrolled and registered with the helper.
  std::unique_ptr<Process> Reporters(int count, int bad_percent, const Command& more = {});
  std::filesystem::path reporters_log() const { return site_.folder() / "reporters.log"; }
  // What the simulated devices really sent.
  StatusOr<boost::json::value> Truth() const;

  // A line of agent.yaml: the owner has pinned the helper and lets demonstrations ask. `more` is
  // more of the same mapping.
  std::string OwnersLine(const std::string& more = "") const;
  // Registered with the helper once it has enrolled.
  void Register(const Device& device);

  std::unique_ptr<SecondParty> party_;

 private:
  HealthFleet(const SiteOptions& options, std::unique_ptr<SecondParty> party);
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_HEALTH_FLEET_H_

#ifndef FLOTILLA_TESTS_SWARM_FLEET_SWARM_REPORT_H_
#define FLOTILLA_TESTS_SWARM_FLEET_SWARM_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "tests/swarm/fleet/ledger_check.h"
#include "tests/swarm/fleet/swarm_stats.h"

namespace flotilla::swarm {

// What a run was, for people and for programs.
struct SwarmReport {
  std::size_t devices = 0;
  std::size_t live = 0;  // at the end
  std::uint64_t ups = 0;
  std::uint64_t resumed = 0;
  double last_up_s = 0;  // after the start
  std::uint64_t offers = 0;
  std::uint64_t reports_made = 0;
  std::uint64_t reports_sent = 0;
  std::uint64_t reports_again = 0;
  std::uint64_t reports_acked = 0;
  std::uint64_t reports_waiting = 0;
  std::uint64_t wrong = 0;
  std::vector<std::string> wrongs;
  std::map<std::string, std::uint64_t> ends;
  std::map<std::pair<std::string, std::uint32_t>, WaveOffers> waves;
  std::vector<float> ack_ms;
  std::vector<float> away_ms;
  std::optional<LedgerAnswer> ledger;

  // Adds a loop's counts. `started`: monotonic start of the run.
  void Add(SwarmStats& stats, Duration started);
  // Nothing was lost, doubled or altered, and the controller kept to the protocol.
  bool clean() const;
};

// One line.
std::string ReportJson(SwarmReport& report);
std::string ReportText(SwarmReport& report);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_SWARM_REPORT_H_

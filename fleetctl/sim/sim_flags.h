#ifndef FLOTILLA_FLEETCTL_SIM_SIM_FLAGS_H_
#define FLOTILLA_FLEETCTL_SIM_SIM_FLAGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "fleetctl/sim/sim_batch.h"

namespace flotilla::fleetctl {

// `fleetctl sim run` as it was typed. Shares are "1%" or "0.01", times "10m"; empty means not
// stated.
struct SimFlags {
  std::vector<std::uint32_t> devices = {10'000};
  std::vector<std::string> rates = {"0.2%", "1%", "5%", "30%"};
  std::string file;
  std::uint32_t runs = 100;
  std::uint64_t seed = 1;
  unsigned jobs = 0;
  // Policy and waves.
  std::string p0;
  std::string p1;
  std::string alpha;
  std::string beta;
  std::string waves;
  std::uint32_t in_flight = 0;
  std::string soak = "1h";
  bool calibrate = false;
  // The fleet.
  std::uint32_t sites = 200;
  std::string offline = "0";
  std::string away = "8h";
  std::string background = "0";
  std::string by_site = "100%";
  std::string delivery = "0";
  std::string bad_class = "0";
  std::string bad_class_rate = "0";
  std::string late = "0";
  std::string download = "5m";
  std::string slow = "0";
  std::string trial = "10m";
  std::vector<std::string> outages;
};

// One row of the answer: its batch, and what it is called.
struct SimRow {
  SimBatch batch;
  std::string rate;
};

// A row for each number of devices and each rate. INVALID_ARGUMENT names the option or the place in
// the file.
StatusOr<std::vector<SimRow>> RowsOf(const SimFlags& flags);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_SIM_SIM_FLAGS_H_

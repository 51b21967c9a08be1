#ifndef FLOTILLA_TESTS_SWARM_FLEET_SESSION_SWARM_H_
#define FLOTILLA_TESTS_SWARM_FLEET_SESSION_SWARM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "tests/swarm/fleet/device_loop.h"
#include "tests/swarm/fleet/identity_book.h"
#include "tests/swarm/fleet/ledger_check.h"
#include "tests/swarm/fleet/swarm_report.h"

namespace flotilla::swarm {

struct SessionSwarmOptions {
  std::size_t devices = 100;
  // "host:port" of the device listener; of each replica when there are several.
  std::vector<std::string> controllers;
  std::string enrolment;  // of the enrolment listener; used for devices without an identity
  std::string token;
  std::string state_dir;  // empty: identities live as long as the process
  std::string prefix = "swarm-";
  UpdateHabits habits;
  agent::SessionOptions session;
  // First connections are spread evenly over this.
  Duration ramp = absl::Seconds(10);
  // How many addresses of 127.1.0.0/16 the devices come from; 0: the kernel's choice.
  std::uint32_t sources = 0;
  // How many values of the label "site" there are; 0: no label.
  std::uint32_t sites = 0;
  std::size_t threads = 1;
  bool resume = false;
  // Devices ignore the spread that the controller tells them: a storm, to see what it does.
  bool no_spread = false;
};

struct SwarmProgress {
  std::size_t live = 0;
  std::uint64_t offers = 0;
  std::uint64_t reports = 0;
  std::uint64_t acked = 0;
  std::uint64_t waiting = 0;  // reports not acknowledged yet
  std::uint64_t wrong = 0;
  OfferBurst burst;  // the newest of any loop
};

// Simulated devices in one process: enrols, connects, follows, counts.
class SessionSwarm {
 public:
  // Everything referred to outlives it.
  SessionSwarm(SessionSwarmOptions options, const Clock& clock, Random& random)
      : options_(std::move(options)), clock_(clock), random_(random) {}

  // Loads identities and enrols who has none. Blocking; `progress` with how many are enrolled.
  Status Prepare(const std::function<void(std::size_t)>& progress);
  // Starts the devices; they run on threads of their own until Stop.
  Status Start();
  SwarmProgress Progress();
  void CutAll();
  // Each device keeps so many status reports unacknowledged from now on.
  void FloodAll(std::size_t outstanding);
  // Closes all sessions and keeps what the devices have installed.
  Status Stop();

  // After Stop.
  SwarmReport Report();
  std::vector<DeviceLedger> Ledgers();

 private:
  Status EnrolMissing(const std::function<void(std::size_t)>& progress);
  StatusOr<ConnectionPlan> Plan();
  SimDeviceOptions DeviceOptions(std::size_t index);

  SessionSwarmOptions options_;
  const Clock& clock_;
  Random& random_;
  std::optional<IdentityBook> book_;
  std::vector<TlsIdentity> identities_;
  SslCtxPtr context_;
  std::vector<SocketAddress> addresses_;
  std::vector<std::unique_ptr<DeviceLoop>> loops_;
  std::vector<std::jthread> threads_;
  Duration started_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_SESSION_SWARM_H_

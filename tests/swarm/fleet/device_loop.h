#ifndef FLOTILLA_TESTS_SWARM_FLEET_DEVICE_LOOP_H_
#define FLOTILLA_TESTS_SWARM_FLEET_DEVICE_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "tests/swarm/fleet/device_connection.h"
#include "tests/swarm/fleet/sim_device_core.h"
#include "tests/swarm/fleet/swarm_stats.h"

namespace flotilla::swarm {

// Many devices on one thread over one epoll descriptor.
class DeviceLoop {
 public:
  // `plan` without its descriptor. All references outlive it. By errno: no epoll.
  static StatusOr<std::unique_ptr<DeviceLoop>> Create(ConnectionPlan plan, const Clock& clock,
                                                      Random& random);

  // Before Run. The device connects for the first time `after` the start. `identity` outlives this.
  void Add(SimDeviceOptions options, const TlsIdentity& identity, std::uint32_t source_ipv4,
           const std::vector<v1::LineStatus>& installed, Duration after);
  // Blocks until `stop`; all sessions are closed then.
  void Run(const std::stop_token& stop);

  // Cuts every connection, as a network does; the devices come back by their own rules. Any thread.
  void CutAll();
  // SimDeviceCore::Flood of every device. Any thread.
  void FloodAll(std::size_t outstanding);

  // Calls `look` while the loop stands still. Any thread.
  void Look(const std::function<void(SwarmStats&)>& look);
  void LookAtDevices(const std::function<void(const SimDeviceCore&)>& look);

 private:
  struct Member {
    std::unique_ptr<DeviceConnection> connection;
    std::unique_ptr<SimDeviceCore> core;
    Duration start_after;
    Duration armed = absl::InfiniteDuration();
    bool started = false;
  };
  using Due = std::pair<Duration, std::size_t>;

  DeviceLoop(ConnectionPlan plan, UniqueFd epoll, const Clock& clock, Random& random);
  void FireTimers(Duration now);
  int WaitMillis(Duration now) const;
  void OnReady(std::size_t index, Duration now);
  // Carries out what the device wants after any of its events.
  void Settle(std::size_t index, Duration now);
  void Arm(std::size_t index, Duration at);

  ConnectionPlan plan_;
  UniqueFd epoll_;
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  SwarmStats stats_;
  std::vector<Member> members_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> timers_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_DEVICE_LOOP_H_

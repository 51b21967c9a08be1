#ifndef FLOTILLA_TESTS_UNIT_CONTROLLER_FLEET_FLEET_WORLD_H_
#define FLOTILLA_TESTS_UNIT_CONTROLLER_FLEET_FLEET_WORLD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/session_desk.h"
#include "tests/support/fake_device_session.h"
#include "tests/support/fake_executor.h"
#include "tests/support/held_commit_queue.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {

// A fleet on a fake loop over a store in memory, and devices that talk to it.
class FleetWorld {
 public:
  FleetWorld();

  // The process ends as by kill -9 (what waits in the commit queue is lost) and starts again.
  void Restart();
  // Runs the loop and the commits until nothing moves.
  void Settle();
  void Advance(Duration duration);

  void Enrol(const std::string& id);
  void AddRelease(const std::string& version, std::uint64_t counter);
  // Creates and starts a rollout of "pump" `version` to all devices in one wave.
  Status StartRollout(const std::string& name, const std::string& version);

  static v1::Hello HelloOf(const std::string& id, std::uint64_t boot_epoch = 1);
  SessionPeer PeerOf(const std::string& id) const;
  // Says Hello on a new session; does not settle.
  std::shared_ptr<FakeDeviceSession> Connect(const std::string& id, std::uint64_t boot_epoch = 1);
  void Report(const std::string& id, const FakeDeviceSession& session, std::uint64_t seq,
              v1::DeploymentState state, std::uint64_t boot_epoch = 1);

  const v1::Device& Device(const std::string& id) const { return *fleet->state().FindDevice(id); }

  MemoryFleetStore store;
  std::unique_ptr<FakeExecutor> loop;
  std::unique_ptr<HeldCommitQueue> commits;
  std::unique_ptr<Fleet> fleet;
  Status failure;
  // For the next Restart: the store was restored from a backup.
  std::optional<RestoredFleet> restored;
  // For the next Restart, beside that.
  FleetOptions options;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_UNIT_CONTROLLER_FLEET_FLEET_WORLD_H_

#ifndef FLOTILLA_TESTS_SWARM_FLEET_SIM_DEVICE_CORE_H_
#define FLOTILLA_TESTS_SWARM_FLEET_SIM_DEVICE_CORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/session.pb.h"

#include "agent/session/session_machine.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "tests/swarm/fleet/sim_outbox.h"
#include "tests/swarm/fleet/sim_update.h"

namespace flotilla::swarm {

// Port: the connection of one device. Real: DeviceConnection. No call answers by calling back.
class DeviceLink {
 public:
  virtual ~DeviceLink() = default;
  virtual void Open() = 0;
  // Dropped unless open; what is sent before the stream is up goes first.
  virtual void Send(const v1::SessionRequest& message) = 0;
  virtual void Close() = 0;

 protected:
  DeviceLink() = default;
  DeviceLink(const DeviceLink&) = default;
  DeviceLink& operator=(const DeviceLink&) = default;
};

// Port: who counts. Real: SwarmStats.
class DeviceWitness {
 public:
  virtual ~DeviceWitness() = default;
  virtual void OnUp(std::optional<Duration> away, Duration now) = 0;
  virtual void OnDown(const Status& cause, bool was_live) = 0;
  // A desired state that the device did not have yet.
  virtual void OnDesired(const v1::DesiredState& desired, Duration now) = 0;
  // `again`: it was sent before on a session that was lost.
  virtual void OnReportSent(const v1::UpdateReport& report, bool again) = 0;
  // One report is durable; `sent`: when it was sent first.
  virtual void OnAcked(Duration sent, Duration now) = 0;
  // The controller broke the protocol.
  virtual void OnWrong(const std::string& what) = 0;

 protected:
  DeviceWitness() = default;
  DeviceWitness(const DeviceWitness&) = default;
  DeviceWitness& operator=(const DeviceWitness&) = default;
};

struct SimDeviceOptions {
  std::string id;
  std::uint64_t boot_epoch = 1;
  agent::SessionOptions session;
  UpdateHabits habits;
  // Comes back at once (after a second at most), whatever spread it is told.
  bool no_spread = false;
  // Labels of the device, "site" and the like.
  std::vector<std::pair<std::string, std::string>> labels;
};

// One simulated device: the agent's own session machine, a ledger of reports and an update without
// bytes. Pure: monotonic `now` in, calls of the link out. One thread.
class SimDeviceCore {
 public:
  // All references outlive it.
  SimDeviceCore(SimDeviceOptions options, DeviceLink& link, DeviceWitness& witness, Random& random);

  // What was installed before.
  void Restore(const std::vector<v1::LineStatus>& installed) { update_.Restore(installed); }
  void Start(Duration now);
  void Stop(Duration now);
  // Call when `next_due` has come.
  void OnTime(Duration now);
  void OnMessage(const v1::SessionResponse& message, Duration now);
  // From now on so many status reports are kept unacknowledged, for measurements of the way to the
  // disk: about 200 bytes each, of no rollout.
  void Flood(std::size_t outstanding, Duration now);
  // The link ended by itself.
  void OnClosed(const Status& status, Duration now);

  std::optional<Duration> next_due() const;
  bool live() const { return machine_.phase() == agent::SessionPhase::kLive; }
  const std::string& id() const { return options_.id; }
  const SimOutbox& outbox() const { return outbox_; }
  std::vector<v1::LineStatus> Installed() const { return update_.Installed(); }

 private:
  static constexpr std::size_t kReportWindow = 64;  // as the agent's

  void Carry(const agent::SessionActions& actions, Duration now);
  void SayHello();
  void OnSessionUp(const v1::Welcome& welcome, Duration now);
  void OnSessionDown(const agent::SessionDown& down, Duration now);
  void OnDesired(const v1::DesiredState& desired, Duration now);
  void Forget(const agent::ForgetReports& acked, Duration now);
  void AdvanceUpdate(Duration now);
  void KeepFlooding();
  void SendReports(Duration now);

  SimDeviceOptions options_;
  DeviceLink& link_;
  DeviceWitness& witness_;
  agent::SessionMachine machine_;
  SimOutbox outbox_;
  SimUpdate update_;
  std::optional<Duration> session_due_;
  std::optional<Duration> down_since_;
  std::vector<std::pair<std::uint64_t, Duration>> sent_;  // unacknowledged: number, first sending
  std::uint64_t generation_ = 0;
  std::size_t flood_ = 0;       // status reports that are kept unacknowledged
  std::uint64_t sent_seq_ = 0;  // in this session
  std::uint64_t sent_ever_seq_ = 0;
  bool was_live_ = false;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_SIM_DEVICE_CORE_H_

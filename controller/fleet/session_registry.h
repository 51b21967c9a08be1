#ifndef FLOTILLA_CONTROLLER_FLEET_SESSION_REGISTRY_H_
#define FLOTILLA_CONTROLLER_FLEET_SESSION_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "base/time.h"
#include "controller/session/desired_frame.h"
#include "controller/session/device_session.h"

namespace flotilla::controller {

// How far a session has come.
enum class SessionStage {
  kUnspecified = 0,
  kHello,     // its Hello is being made durable; nothing is sent yet
  kWelcomed,  // Welcome and the desired state were handed over
};

struct OpenSession {
  std::shared_ptr<DeviceSession> session;
  std::string serial_hex;
  SessionStage stage = SessionStage::kHello;
  // Of its Hello, for the clock attestation in Welcome.
  std::string clock_nonce;
  // Highest report of the device's outbox known to be durable.
  std::uint64_t durable_seq = 0;
  // What it was told to keep between heartbeats last.
  Duration told_heartbeat;
  // Generation of the desired state that it was sent last.
  std::uint64_t sent_generation = 0;
  // Over how long it was told to come back last.
  Duration told_spread;
  // Reports that came before the outbox was looked up in the store.
  std::vector<v1::UpdateReport> early_reports;
};

// The open sessions, one per device at most. Fleet loop only.
class SessionRegistry {
 public:
  // Null when the device has none.
  OpenSession* Find(const std::string& device_id);
  bool Contains(const std::string& device_id) const { return sessions_.contains(device_id); }
  // Null unless `session` is the device's.
  OpenSession* Find(const std::string& device_id, const DeviceSession* session);
  OpenSession& Put(const std::string& device_id, OpenSession session);
  // Forgets it without a word.
  void Remove(const std::string& device_id);
  // Closes and forgets it, if there is one.
  void Close(const std::string& device_id, const Status& status);
  void CloseSerial(const std::string& serial_hex, const Status& status);

  bool IsWelcomed(const std::string& device_id) const;
  // To a session that was welcomed and has heard nothing newer; others get it with their Welcome.
  void SendDesired(const std::string& device_id, const DesiredFrame& desired);
  void TellAll(const v1::Drain& drain);
  // Closes and forgets so many of them, whichever; how many there were.
  std::size_t CloseSome(std::size_t most, const Status& status);

  std::size_t size() const { return sessions_.size(); }

 private:
  std::unordered_map<std::string, OpenSession> sessions_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_SESSION_REGISTRY_H_

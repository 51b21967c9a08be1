#ifndef FLOTILLA_CONTROLLER_REPLICA_SESSION_MEMORY_H_
#define FLOTILLA_CONTROLLER_REPLICA_SESSION_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/time.h"

namespace flotilla::controller {

// Where a front serves artifacts, told to its devices in Welcome; each ends in '/'.
struct ArtifactUrls {
  std::string metadata;
  std::string targets;
};

// What a front has to know of one device's session so that it outlives the leader: all that the
// next leader must hear, and what of a leader's words the device has heard already. Pure; one
// thread.
class SessionMemory {
 public:
  // Before the messages of the device, in their order.
  void OnDevice(const v1::SessionRequest& message);
  // What the device is to hear of a leader's message; nothing: it is not for it. Of the leaders of
  // one session the first one's Welcome is passed on, with `urls`; a later one's is an Ack to the
  // device. What a leader that welcomed it says again (other numbers) is passed on. A leader's
  // Drain is about the leader alone.
  std::optional<v1::SessionResponse> OnLeader(const v1::SessionResponse& message,
                                              const ArtifactUrls& urls);
  // What a leader is to hear first: the Hello as it would be now, then every report without an
  // acknowledgement, in their order. Empty: the device has not said Hello yet.
  std::vector<v1::SessionRequest> Replay() const;

  // Reports that were not acknowledged. Agents send 64 at most.
  std::size_t unacknowledged() const { return reports_.size(); }
  bool has_hello() const { return hello_.has_value(); }
  // As Welcome said; 60 s before.
  Duration heartbeat_interval() const { return heartbeat_interval_; }

 private:
  void TakeReport(const v1::UpdateReport& report);
  void Acknowledge(std::uint64_t durable_seq);

  std::optional<v1::Hello> hello_;
  std::deque<v1::UpdateReport> reports_;
  std::optional<v1::SessionRequest> decommission_done_;
  std::optional<std::uint64_t> epoch_;  // of the leader's session, once it welcomed the device
  Duration heartbeat_interval_ = absl::Seconds(60);
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_REPLICA_SESSION_MEMORY_H_

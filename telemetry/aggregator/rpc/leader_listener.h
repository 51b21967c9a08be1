#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_RPC_LEADER_LISTENER_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_RPC_LEADER_LISTENER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/aggregator/setup.h"
#include "telemetry/aggregator/task_room.h"

namespace flotilla::telemetry {

// AggregationService on one mutual TLS listener. Never plaintext.
class LeaderListener {
 public:
  struct World {
    Executor& worker;  // where `room` lives
    TaskRoom& room;
    const Clock& clock;
  };

  // `address`: "0.0.0.0:7446"; port 0 takes a free one. All outlives it. UNAVAILABLE: the port is
  // taken, or the certificate is bad.
  static StatusOr<std::unique_ptr<LeaderListener>> Start(const std::string& address,
                                                         const ServerCredential& credential,
                                                         const World& world);
  // Ends calls that are still open: the worker must run until then.
  ~LeaderListener();
  LeaderListener(const LeaderListener&) = delete;
  LeaderListener& operator=(const LeaderListener&) = delete;

  std::uint16_t port() const;
  // Refuses new calls, gives open ones `grace`, then cancels them; returns when all have ended.
  // Idempotent.
  void Stop(Duration grace);

 private:
  struct Impl;
  explicit LeaderListener(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_RPC_LEADER_LISTENER_H_

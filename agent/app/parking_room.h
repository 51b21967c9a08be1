#ifndef FLOTILLA_AGENT_APP_PARKING_ROOM_H_
#define FLOTILLA_AGENT_APP_PARKING_ROOM_H_

#include <set>
#include <string>

#include "agent/engine/engine_self_tester.h"
#include "agent/engine/engine_supervisor.h"
#include "base/executor.h"

namespace flotilla::agent {

// SelfTestRoom that ends the line's engine when memory holds only one, and lets it come back after
// the test. For the update worker's thread; the supervisor lives on `loop`.
class ParkingRoom final : public SelfTestRoom {
 public:
  ParkingRoom(Executor& loop, EngineSupervisor& supervisor, LineMachine::FitsBeside fits_beside);

  Status Enter(const v1::InstalledRelease& candidate, const std::stop_token& stop) override;
  void Leave(const v1::InstalledRelease& candidate) override;

 private:
  Executor& loop_;
  EngineSupervisor& supervisor_;
  const LineMachine::FitsBeside fits_beside_;
  std::set<std::string> parked_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_PARKING_ROOM_H_

#ifndef FLOTILLA_CONTROLLER_RPC_FRONT_SESSION_H_
#define FLOTILLA_CONTROLLER_RPC_FRONT_SESSION_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/time.h"
#include "controller/replica/session_memory.h"
#include "controller/rpc/front_desk.h"
#include "controller/rpc/leader_call.h"
#include "controller/session/admission_gate.h"
#include "controller/session/device_call.h"
#include "flotilla/v1/session.pb.h"

namespace flotilla::controller {

// One device's stream at a front: its messages go to the leader and the leader's to it. When the
// call there breaks without a word about the device, or another one leads, the stream stays, and
// the session is opened anew there (session_memory.h). Lives on the desk's loop until the transport
// is done with it; the transport's threads only post. Messages that the leader does not take hold
// the device back by HTTP/2; of each kind of answer only the newest waits.
class FrontSession final : public DeviceCallUser,
                           public LeaderCallOwner,
                           public std::enable_shared_from_this<FrontSession> {
 public:
  // `device_der`: the device's certificate, looked at already. `admission` is told of the end.
  static std::shared_ptr<FrontSession> Open(FrontDesk& desk, std::shared_ptr<DeviceCall> call,
                                            AdmissionGate& admission,
                                            const StatusOr<std::string>& device_der);

  FrontSession(FrontDesk& desk, std::shared_ptr<DeviceCall> device, AdmissionGate& admission);

  // On the transport's threads.
  void OnMessage(std::string_view message) override;
  void OnEndOfMessages() override;
  void OnWritten() override;
  void OnCancelled() override;
  void OnDone() override;

  // On the loop.
  void OnLeaderMessage(const v1::SessionResponse& message) override;
  void OnLeaderRoom() override;
  void OnLeaderEnd(const Status& status) override;
  void OnLeaderChanged();
  void Drain(const v1::Drain& drain);

 private:
  enum class Phase { kUnspecified = 0, kOpen, kWriting, kEnded };
  enum class Reading { kUnspecified = 0, kHeldBack, kUnderWay };

  void Begin(const StatusOr<std::string>& device_der);
  void TakeMessage(const v1::SessionRequest& message);
  void ReadNext();
  void Dial();
  void DialLater();
  bool IsSilent() const;
  void Tell(const v1::SessionResponse& message);
  void Pump();
  // Ends the stream once what waits was written.
  void Close(const Status& status);
  void End(const Status& status);

  FrontDesk& desk_;
  const std::shared_ptr<DeviceCall> device_;
  AdmissionGate& admission_;
  std::string device_der_;
  SessionMemory memory_;
  std::shared_ptr<LeaderCall> call_;
  Duration heard_;    // monotonic
  int failures_ = 0;  // calls in a row that brought nothing
  std::deque<v1::SessionResponse> waiting_;
  std::optional<Status> closing_;
  Phase phase_ = Phase::kOpen;
  Reading read_ = Reading::kHeldBack;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_FRONT_SESSION_H_

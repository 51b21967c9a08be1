#ifndef FLOTILLA_CONTROLLER_RPC_SESSION_STREAM_H_
#define FLOTILLA_CONTROLLER_RPC_SESSION_STREAM_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/session_desk.h"
#include "controller/session/admission_gate.h"
#include "controller/session/device_call.h"
#include "controller/session/device_session.h"
#include "flotilla/v1/session.pb.h"

namespace flotilla::controller {

// One device's stream. Lives on the fleet loop until the transport is done with it; the transport's
// threads post, but for what idle fleets do all day: a heartbeat goes to the fleet's inbox and the
// next read starts at once, and a write after which nothing waits ends there. One read and one
// write in flight: after any other message the next read starts when the loop has taken it, so a
// device that sends too fast is held back by HTTP/2. Of each kind of answer only the newest waits.
// Bytes in and out: a desired state is sent from the bytes that all devices of the same assignments
// share.
class SessionStream final : public DeviceCallUser,
                            public DeviceSession,
                            public std::enable_shared_from_this<SessionStream> {
 public:
  // `admission` is told of the end; null: nobody is. `peer` not ok: the call ends with that.
  static std::shared_ptr<SessionStream> Open(Fleet& fleet, std::shared_ptr<DeviceCall> call,
                                             AdmissionGate* admission,
                                             const StatusOr<SessionPeer>& peer);

  SessionStream(Fleet& fleet, std::shared_ptr<DeviceCall> call, AdmissionGate* admission);

  // On the transport's threads.
  void OnMessage(std::string_view message) override;
  void OnEndOfMessages() override;
  void OnWritten() override;
  void OnCancelled() override;
  void OnDone() override;

  // On the fleet loop.
  void SendWelcome(const v1::Welcome& welcome) override;
  void SendDesired(const DesiredFrame& desired) override;
  void SendAck(const v1::Ack& ack) override;
  void SendDrain(const v1::Drain& drain) override;
  void SendOrder(const v1::SessionResponse& order) override;
  void Close(const Status& status) override;

 private:
  // kWriting: nothing waits behind the write in flight, whose end opens the stream again on the
  // transport's thread. kWritingMore: its end comes back to the loop. All other moves are the
  // loop's.
  enum class Phase { kUnspecified = 0, kOpen, kWriting, kWritingMore, kEnded };
  enum class HelloState { kAwaited, kTaken };
  // What waits to be written, the newest of each kind. An idle session has none.
  struct Waiting {
    std::optional<v1::Welcome> welcome;
    std::optional<DesiredFrame> desired;
    std::optional<v1::Ack> ack;
    std::optional<v1::SessionResponse> order;
    std::optional<v1::Drain> drain;

    bool empty() const;
  };

  // True: the message said only that the device is alive, and was dealt with.
  bool TakeHeartbeat(const v1::SessionRequest& message);
  // Starts the next read, when the fleet's gate lets it.
  void ReadOn();
  void StartHeldRead();
  void TakeMessage(const v1::SessionRequest& message);
  void TakeHello(const v1::Hello& hello);
  void Leave();
  Waiting& waiting();
  void Pump();
  // The bytes of the next answer, which waits no more. Some answer waits.
  static CallBytes TakeFirst(Waiting& waiting);
  void End(const Status& status);

  Fleet& fleet_;
  const std::shared_ptr<DeviceCall> call_;
  AdmissionGate* admission_;
  SessionPeer peer_;
  std::unique_ptr<Waiting> waiting_;  // null: nothing waits
  std::optional<Status> closing_;
  std::atomic<Phase> phase_ = Phase::kOpen;
  // Changes on the loop while no read is in flight: the transport's thread sees it when the next
  // one ends.
  HelloState hello_ = HelloState::kAwaited;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_SESSION_STREAM_H_

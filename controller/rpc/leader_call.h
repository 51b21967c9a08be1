#ifndef FLOTILLA_CONTROLLER_RPC_LEADER_CALL_H_
#define FLOTILLA_CONTROLLER_RPC_LEADER_CALL_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "base/executor.h"
#include "base/status.h"
#include "flotilla/v1/session.grpc.pb.h"

namespace flotilla::controller {

// Whoever a call at the leader is for. On the loop that the call was given.
class LeaderCallOwner {
 public:
  virtual ~LeaderCallOwner() = default;
  virtual void OnLeaderMessage(const v1::SessionResponse& message) = 0;
  // A message was written: there may be room for the next.
  virtual void OnLeaderRoom() = 0;
  // Last.
  virtual void OnLeaderEnd(const Status& status) = 0;

 protected:
  LeaderCallOwner() = default;
  LeaderCallOwner(const LeaderCallOwner&) = default;
  LeaderCallOwner& operator=(const LeaderCallOwner&) = default;
};

// A device's session, opened at the leader in its name. Lives on `loop` and owns itself, and keeps
// its owner, until gRPC is done with it; gRPC's threads only post. The loop runs until then.
class LeaderCall final : public grpc::ClientBidiReactor<v1::SessionRequest, v1::SessionResponse>,
                         public std::enable_shared_from_this<LeaderCall> {
 public:
  // `device_der`: the device's certificate.
  static std::shared_ptr<LeaderCall> Start(const std::shared_ptr<grpc::Channel>& leader,
                                           const std::string& device_der, Executor& loop,
                                           std::shared_ptr<LeaderCallOwner> owner);

  LeaderCall(const std::shared_ptr<grpc::Channel>& leader, Executor& loop,
             std::shared_ptr<LeaderCallOwner> owner);

  void Send(const v1::SessionRequest& message);
  // Messages that wait to be written.
  std::size_t waiting() const { return waiting_.size(); }
  // OnLeaderEnd follows. Idempotent.
  void Cancel();

  // On gRPC's threads.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  enum class Phase { kUnspecified = 0, kOpen, kWriting, kEnding };

  void Pump();
  // Nothing is started on the call any more.
  void Release();

  const std::unique_ptr<v1::DeviceService::Stub> stub_;
  Executor& loop_;
  std::shared_ptr<LeaderCallOwner> owner_;
  std::shared_ptr<LeaderCall> self_;
  grpc::ClientContext context_;
  v1::SessionRequest writing_;
  v1::SessionResponse reading_;
  std::deque<v1::SessionRequest> waiting_;
  Phase phase_ = Phase::kOpen;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_LEADER_CALL_H_

#ifndef FLOTILLA_CONTROLLER_RPC_ROLLOUT_WATCH_H_
#define FLOTILLA_CONTROLLER_RPC_ROLLOUT_WATCH_H_

#include <memory>
#include <optional>
#include <string>

#include <grpcpp/grpcpp.h>

#include "base/status.h"
#include "controller/fleet/fleet_event.h"
#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::controller {

// One WatchRollout stream: the rollout now, then its newest state whenever it changes and the last
// write is done, until it is final or the watcher's
// certificate is revoked. Lives on the fleet loop, owns itself until gRPC is done with
// it; gRPC's threads only post.
class RolloutWatch final : public grpc::ServerWriteReactor<v1::WatchRolloutResponse>,
                           public std::enable_shared_from_this<RolloutWatch> {
 public:
  static RolloutWatch* Open(const OperatorCalls& calls, grpc::CallbackServerContext& context,
                            const v1::WatchRolloutRequest& request);

  RolloutWatch(Fleet& fleet, grpc::CallbackServerContext& context, std::string rollout_id);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void Begin();
  void Push(const v1::Rollout& rollout);
  void WriteNext();
  void End(const Status& status);

  Fleet& fleet_;
  grpc::CallbackServerContext& context_;
  const std::string rollout_id_;
  // Of the watcher's certificate.
  std::string serial_hex_;
  std::shared_ptr<RolloutWatch> self_;
  std::optional<ListenerId> listener_;
  // Newest state not yet written.
  std::optional<v1::Rollout> newest_;
  // What gRPC reads while a write is on its way.
  v1::WatchRolloutResponse writing_;
  enum class Phase { kIdle, kWriting, kEnded } phase_ = Phase::kIdle;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_ROLLOUT_WATCH_H_

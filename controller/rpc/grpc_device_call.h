#ifndef FLOTILLA_CONTROLLER_RPC_GRPC_DEVICE_CALL_H_
#define FLOTILLA_CONTROLLER_RPC_GRPC_DEVICE_CALL_H_

#include <memory>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "controller/session/device_call.h"

namespace flotilla::controller {

// A call that a replica makes in the name of a device, over gRPC's own server: its connection
// carries the sessions of thousands. Keeps itself and its user until gRPC is done with it.
class GrpcDeviceCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                             public DeviceCall {
 public:
  static std::shared_ptr<GrpcDeviceCall> Create(grpc::CallbackServerContext& context);
  explicit GrpcDeviceCall(grpc::CallbackServerContext& context) : context_(context) {}
  // Before the reactor is given to gRPC.
  void Begin(std::shared_ptr<DeviceCallUser> user) { user_ = std::move(user); }

  void Read() override;
  void Write(CallBytes message) override;
  void Finish(const Status& status) override;

  // On gRPC's threads.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

  grpc::CallbackServerContext& context_;
  std::shared_ptr<GrpcDeviceCall> self_;
  std::shared_ptr<DeviceCallUser> user_;
  grpc::ByteBuffer reading_;
  grpc::ByteBuffer writing_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_GRPC_DEVICE_CALL_H_

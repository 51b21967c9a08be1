#include "controller/rpc/grpc_device_call.h"

#include <string_view>
#include <vector>

#include "controller/rpc/grpc_status.h"

namespace flotilla::controller {
namespace {

using Shared = std::shared_ptr<const std::string>;

// The shared bytes live until the last write of them is done.
grpc::ByteBuffer BytesOf(const CallBytes& message) {
  std::vector<grpc::Slice> slices = {grpc::Slice(message.own)};
  if (message.shared != nullptr) {
    auto holds = std::make_unique<Shared>(message.shared);
    const std::string& bytes = **holds;
    slices.emplace_back(
        const_cast<char*>(bytes.data()), bytes.size(),
        [](void* shared) { const std::unique_ptr<Shared> last(static_cast<Shared*>(shared)); },
        holds.release());
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace

std::shared_ptr<GrpcDeviceCall> GrpcDeviceCall::Create(grpc::CallbackServerContext& context) {
  auto call = std::make_shared<GrpcDeviceCall>(context);
  call->self_ = call;
  return call;
}

void GrpcDeviceCall::Read() {
  StartRead(&reading_);
}

void GrpcDeviceCall::Write(CallBytes message) {
  writing_ = BytesOf(message);
  StartWrite(&writing_);
}

void GrpcDeviceCall::Finish(const Status& status) {
  Reactor::Finish(StatusToGrpc(status, context_));
}

void GrpcDeviceCall::OnReadDone(bool ok) {
  grpc::Slice bytes;
  if (!ok || !reading_.DumpToSingleSlice(&bytes).ok()) {
    user_->OnEndOfMessages();
    return;
  }
  reading_.Clear();
  user_->OnMessage({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
}

void GrpcDeviceCall::OnWriteDone(bool ok) {
  writing_.Clear();
  ok ? user_->OnWritten() : user_->OnCancelled();
}

void GrpcDeviceCall::OnCancel() {
  user_->OnCancelled();
}

void GrpcDeviceCall::OnDone() {
  const std::shared_ptr<GrpcDeviceCall> last = std::move(self_);
  const std::shared_ptr<DeviceCallUser> user = std::move(user_);
  user->OnDone();
}

}  // namespace flotilla::controller

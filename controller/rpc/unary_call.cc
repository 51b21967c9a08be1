#include "controller/rpc/unary_call.h"

#include <utility>

namespace flotilla::controller {

UnaryCall::UnaryCall(std::shared_ptr<DeviceCall> call, Handle handle)
    : call_(std::move(call)), handle_(std::move(handle)) {}

std::shared_ptr<UnaryCall> UnaryCall::Begin(std::shared_ptr<DeviceCall> call, Handle handle) {
  auto unary = std::make_shared<UnaryCall>(std::move(call), std::move(handle));
  unary->call_->Read();
  return unary;
}

std::shared_ptr<UnaryCall> UnaryCall::Refuse(std::shared_ptr<DeviceCall> call,
                                             const Status& status) {
  auto unary = std::make_shared<UnaryCall>(std::move(call), nullptr);
  unary->End(status);
  return unary;
}

void UnaryCall::OnMessage(std::string_view message) {
  cancel_ = handle_(message, [self = shared_from_this()](const StatusOr<std::string>& answer) {
    self->End(answer);
  });
}

void UnaryCall::OnEndOfMessages() {
  End(InvalidArgument("a call without a message"));
}

void UnaryCall::OnCancelled() {
  if (cancel_ != nullptr) {
    std::exchange(cancel_, nullptr)();
  }
  End(Cancelled("the device left"));
}

void UnaryCall::End(const StatusOr<std::string>& answer) {
  if (ended_.exchange(true)) {
    return;
  }
  if (answer.ok()) {
    call_->Write({*answer, nullptr});
  }
  call_->Finish(answer.status());
}

}  // namespace flotilla::controller

#ifndef FLOTILLA_CONTROLLER_RPC_UNARY_CALL_H_
#define FLOTILLA_CONTROLLER_RPC_UNARY_CALL_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "controller/session/device_call.h"

namespace flotilla::controller {

// A device's call with one message each way. Thread-safe.
class UnaryCall final : public DeviceCallUser, public std::enable_shared_from_this<UnaryCall> {
 public:
  // The serialised answer, or why there is none. Any thread; once, also when nobody waits any more.
  using Answer = std::function<void(const StatusOr<std::string>&)>;
  // Takes the serialised request, on the transport's threads. What it returns is called when the
  // device left before the answer; null: nothing is.
  using Handle = std::function<std::function<void()>(std::string_view request, Answer answer)>;

  static std::shared_ptr<UnaryCall> Begin(std::shared_ptr<DeviceCall> call, Handle handle);
  // Ends at once.
  static std::shared_ptr<UnaryCall> Refuse(std::shared_ptr<DeviceCall> call, const Status& status);

  UnaryCall(std::shared_ptr<DeviceCall> call, Handle handle);

  void OnMessage(std::string_view message) override;
  void OnEndOfMessages() override;
  void OnWritten() override {}
  void OnCancelled() override;
  void OnDone() override {}

 private:
  void End(const StatusOr<std::string>& answer);

  const std::shared_ptr<DeviceCall> call_;
  const Handle handle_;
  std::function<void()> cancel_;
  std::atomic<bool> ended_ = false;
};

// A handler of messages of these types; INVALID_ARGUMENT: what came is none.
template <typename Request, typename Response>
UnaryCall::Handle Typed(
    std::function<void(const Request&, std::function<void(const StatusOr<Response>&)>)> handle) {
  return [handle = std::move(handle)](std::string_view bytes, UnaryCall::Answer answer) {
    Request request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      answer(InvalidArgument("not a message of this call"));
      return std::function<void()>();
    }
    handle(request, [answer = std::move(answer)](const StatusOr<Response>& response) {
      answer(response.ok() ? StatusOr<std::string>(response->SerializeAsString())
                           : response.status());
    });
    return std::function<void()>();
  };
}

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_UNARY_CALL_H_

#include "tests/contract/welcoming_controller.h"

#include <future>

#include <grpc/grpc_security_constants.h>

#include "tests/support/on_loop.h"

namespace flotilla::agent {
namespace {

class FirstWord final : public SessionHandler {
 public:
  void OnMessage(const v1::SessionResponse& /*message*/) override { Tell(OkStatus()); }
  void OnClosed(const Status& status) override { Tell(status); }
  Status Await() { return told_.get_future().get(); }

 private:
  void Tell(const Status& status) {
    if (open_) {
      open_ = false;
      told_.set_value(status);
    }
  }

  bool open_ = true;
  std::promise<Status> told_;
};

}  // namespace

grpc::Status WelcomingController::Session(
    grpc::ServerContext* context,
    grpc::ServerReaderWriter<v1::SessionResponse, v1::SessionRequest>* stream) {
  const auto reused = context->auth_context()->FindPropertyValues(GRPC_SSL_SESSION_REUSED_PROPERTY);
  {
    const std::scoped_lock lock(mutex_);
    reused_.push_back(!reused.empty() && reused.front() == "true");
  }
  v1::SessionRequest request;
  while (stream->Read(&request)) {
    v1::SessionResponse response;
    response.mutable_welcome();
    stream->Write(response);
  }
  return grpc::Status::OK;
}

std::vector<bool> WelcomingController::reused() {
  const std::scoped_lock lock(mutex_);
  return reused_;
}

Status SayHello(SessionTransport& transport, Executor& loop) {
  FirstWord word;
  RunOn(loop, [&] {
    transport.Open(word);
    v1::SessionRequest hello;
    hello.mutable_hello();
    transport.Send(hello);
  });
  const Status status = word.Await();
  RunOn(loop, [&] { transport.Close(); });
  return status;
}

}  // namespace flotilla::agent

#include "agent/session/grpc_session_transport.h"

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "agent/session/grpc_channel.h"
#include "agent/session/grpc_status.h"
#include "flotilla/v1/session.grpc.pb.h"

namespace flotilla::agent {
namespace {

// What one stream tells the loop. `alive` is read and written on the loop only.
struct Listener {
  SessionHandler* handler = nullptr;
  bool alive = true;
};

// Owns itself until OnDone.
class Stream final : public grpc::ClientBidiReactor<v1::SessionRequest, v1::SessionResponse> {
 public:
  static std::shared_ptr<Stream> Start(std::shared_ptr<grpc::Channel> channel, Executor& executor,
                                       std::shared_ptr<Listener> listener) {
    auto stream =
        std::shared_ptr<Stream>(new Stream(std::move(channel), executor, std::move(listener)));
    stream->self_ = stream;
    stream->stub_->async()->Session(&stream->context_, stream.get());
    // One hold for writes that are started from outside a reaction.
    stream->AddHold();
    stream->StartRead(&stream->incoming_);
    stream->StartCall();
    return stream;
  }

  void Send(const v1::SessionRequest& message) {
    const std::scoped_lock lock(mutex_);
    if (over_) {
      return;
    }
    if (queue_.size() >= GrpcSessionTransport::kMaxQueued) {
      overflow_ = true;
      EndLocked();
      return;
    }
    queue_.push_back(message);
    WriteNextLocked();
  }

  void Cancel() {
    const std::scoped_lock lock(mutex_);
    EndLocked();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      const std::scoped_lock lock(mutex_);
      EndLocked();
      return;
    }
    executor_.Post([listener = listener_, message = std::move(incoming_)] {
      if (listener->alive) {
        listener->handler->OnMessage(message);
      }
    });
    incoming_ = v1::SessionResponse();
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    if (!ok) {
      EndLocked();
      return;
    }
    WriteNextLocked();
  }

  void OnDone(const grpc::Status& status) override {
    Status cause = FromGrpc(status, context_);
    if (overflow_) {
      cause = ResourceExhausted("the controller does not read this session");
    } else if (cause.ok() || cause.code() == StatusCode::kCancelled) {
      cause = Unavailable("the controller ended the session");
    }
    executor_.Post([listener = listener_, cause] {
      if (listener->alive) {
        listener->alive = false;
        listener->handler->OnClosed(cause);
      }
    });
    self_.reset();
  }

 private:
  Stream(std::shared_ptr<grpc::Channel> channel, Executor& executor,
         std::shared_ptr<Listener> listener)
      : channel_(std::move(channel)),
        stub_(v1::DeviceService::NewStub(channel_)),
        executor_(executor),
        listener_(std::move(listener)) {}

  void WriteNextLocked() {
    if (writing_ || over_ || queue_.empty()) {
      return;
    }
    writing_ = true;
    outgoing_ = std::move(queue_.front());
    queue_.pop_front();
    StartWrite(&outgoing_);
  }

  void EndLocked() {
    if (!std::exchange(over_, true)) {
      queue_.clear();
      context_.TryCancel();
      RemoveHold();
    }
  }

  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::DeviceService::Stub> stub_;
  Executor& executor_;
  std::shared_ptr<Listener> listener_;
  grpc::ClientContext context_;
  v1::SessionResponse incoming_;
  v1::SessionRequest outgoing_;
  std::mutex mutex_;
  std::deque<v1::SessionRequest> queue_;
  bool writing_ = false;
  bool over_ = false;
  bool overflow_ = false;
  std::shared_ptr<Stream> self_;
};

}  // namespace

struct GrpcSessionTransport::Impl {
  Impl(std::string address_in, Executor& executor_in)
      : address(std::move(address_in)), executor(executor_in) {}

  std::string address;
  Executor& executor;
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  TlsSessionCache tls_sessions;
  std::shared_ptr<Listener> listener;
  std::shared_ptr<Stream> stream;
};

GrpcSessionTransport::GrpcSessionTransport(std::string address,
                                           const SessionCredentials& credentials,
                                           Executor& executor)
    : impl_(std::make_unique<Impl>(std::move(address), executor)) {
  Replace(credentials);
}

GrpcSessionTransport::~GrpcSessionTransport() {
  Close();
}

void GrpcSessionTransport::Replace(const SessionCredentials& credentials) {
  impl_->credentials = MutualTls(credentials);
  impl_->tls_sessions = TlsSessionCache();
}

void GrpcSessionTransport::Open(SessionHandler& handler) {
  Close();
  impl_->listener = std::make_shared<Listener>();
  impl_->listener->handler = &handler;
  impl_->stream =
      Stream::Start(NewChannel(impl_->address, impl_->credentials, &impl_->tls_sessions),
                    impl_->executor, impl_->listener);
}

void GrpcSessionTransport::Send(const v1::SessionRequest& message) {
  if (impl_->stream != nullptr) {
    impl_->stream->Send(message);
  }
}

void GrpcSessionTransport::Close() {
  if (impl_->stream != nullptr) {
    impl_->listener->alive = false;
    impl_->stream->Cancel();
    impl_->stream.reset();
  }
}

}  // namespace flotilla::agent

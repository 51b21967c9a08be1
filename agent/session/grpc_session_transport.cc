#include "agent/session/grpc_session_transport.h"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "agent/session/flight.h"
#include "agent/session/grpc_channel.h"
#include "agent/session/grpc_status.h"
#include "agent/session/proxy_status.h"
#include "flotilla/v1/session.grpc.pb.h"

namespace flotilla::agent {
namespace {

// What one stream tells the loop. `alive` is read and written on the loop only.
struct Listener {
  SessionHandler* handler = nullptr;
  bool alive = true;
};

// Owns itself until OnDone; is destroyed on the executor's thread, since the last owner of a
// channel joins gRPC's threads and must not be one of them.
class Stream final : public grpc::ClientBidiReactor<v1::SessionRequest, v1::SessionResponse> {
 public:
  // `explain` says in other words why there is no session.
  using Explain = std::function<Status(const Status&)>;

  static std::shared_ptr<Stream> Start(std::shared_ptr<grpc::Channel> channel, Executor& executor,
                                       std::shared_ptr<Listener> listener, Flight& flight,
                                       Explain explain) {
    auto stream = std::shared_ptr<Stream>(
        new Stream(std::move(channel), executor, std::move(listener), flight, std::move(explain)));
    stream->self_ = stream;
    flight.Begin();
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

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

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
    Status cause = explain_(FromGrpc(status, context_));
    if (overflow_) {
      cause = ResourceExhausted("the controller does not read this session");
    } else if (cause.ok() || cause.code() == StatusCode::kCancelled) {
      cause = Unavailable("the controller ended the session");
    }
    Flight& flight = flight_;
    executor_.Post([self = std::move(self_), cause] {
      if (self->listener_->alive) {
        self->listener_->alive = false;
        self->listener_->handler->OnClosed(cause);
      }
    });
    flight.End();
  }

 private:
  Stream(std::shared_ptr<grpc::Channel> channel, Executor& executor,
         std::shared_ptr<Listener> listener, Flight& flight, Explain explain)
      : channel_(std::move(channel)),
        stub_(v1::DeviceService::NewStub(channel_)),
        executor_(executor),
        listener_(std::move(listener)),
        flight_(flight),
        explain_(std::move(explain)) {}

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
  Flight& flight_;
  const Explain explain_;
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
  Impl(std::string address_in, Executor& executor_in, Link link_in)
      : address(std::move(address_in)), executor(executor_in), link(std::move(link_in)) {}

  std::string address;
  Executor& executor;
  const Link link;
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  TlsSessionCache tls_sessions;
  std::shared_ptr<Listener> listener;
  std::shared_ptr<Stream> stream;
  Flight flight;
};

GrpcSessionTransport::GrpcSessionTransport(std::string address,
                                           const SessionCredentials& credentials,
                                           Executor& executor, Link link)
    : impl_(std::make_unique<Impl>(std::move(address), executor, std::move(link))) {
  Replace(credentials);
}

GrpcSessionTransport::~GrpcSessionTransport() {
  Close();
  impl_->flight.Wait();
}

void GrpcSessionTransport::Replace(const SessionCredentials& credentials) {
  impl_->credentials = MutualTls(credentials);
  impl_->tls_sessions = TlsSessionCache();
}

std::shared_ptr<grpc::Channel> GrpcSessionTransport::channel() const {
  const bool open = impl_->stream != nullptr && impl_->listener->alive;
  return open ? impl_->stream->channel() : nullptr;
}

void GrpcSessionTransport::Open(SessionHandler& handler) {
  Close();
  impl_->listener = std::make_shared<Listener>();
  impl_->listener->handler = &handler;
  impl_->stream = Stream::Start(
      NewChannel(impl_->address, impl_->credentials, &impl_->tls_sessions, impl_->link),
      impl_->executor, impl_->listener, impl_->flight,
      [proxy = impl_->link.proxy, address = impl_->address](const Status& status) {
        return ExplainProxy(status, proxy.get(), address);
      });
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

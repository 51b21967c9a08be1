#include "controller/rpc/session_stream.h"

#include <array>
#include <string>
#include <utility>

#include "controller/rpc/grpc_status.h"
#include "flotilla/v1/session.grpc.pb.h"

namespace flotilla::controller {
namespace {

using ParsedRequest = StatusOr<v1::SessionRequest>;

ParsedRequest Parse(grpc::ByteBuffer& bytes) {
  v1::SessionRequest request;
  const grpc::Status parsed =
      grpc::SerializationTraits<v1::SessionRequest>::Deserialize(&bytes, &request);
  if (!parsed.ok()) {
    return InvalidArgument("not a message of a session");
  }
  return request;
}

grpc::ByteBuffer BytesOf(const v1::SessionResponse& response) {
  grpc::ByteBuffer bytes;
  bool own = false;
  // A message of ours always serialises.
  (void)grpc::SerializationTraits<v1::SessionResponse>::Serialize(response, &bytes, &own);
  return bytes;
}

using Shared = std::shared_ptr<const std::string>;

// The shared bytes behind a header of the device's own; they live until the last write is done.
grpc::ByteBuffer BytesOf(const DesiredFrame& frame) {
  auto holds = std::make_unique<Shared>(frame.assignments);
  const std::string& bytes = **holds;
  const std::array slices = {
      grpc::Slice(FrameHeader(frame)),
      grpc::Slice(
          const_cast<char*>(bytes.data()), bytes.size(),
          [](void* shared) { const std::unique_ptr<Shared> last(static_cast<Shared*>(shared)); },
          holds.release())};
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace

SessionStream* SessionStream::Open(Fleet& fleet, grpc::CallbackServerContext& context,
                                   AdmissionGate* admission, const StatusOr<SessionPeer>& peer) {
  auto stream = std::make_shared<SessionStream>(fleet, context, admission);
  stream->self_ = stream;
  fleet.Post([stream, peer] {
    if (!peer.ok()) {
      stream->End(peer.status());
      return;
    }
    stream->peer_ = *peer;
    stream->ReadOn();
  });
  return stream.get();
}

SessionStream::SessionStream(Fleet& fleet, grpc::CallbackServerContext& context,
                             AdmissionGate* admission)
    : fleet_(fleet), context_(context), admission_(admission) {}

void SessionStream::ReadOn() {
  if (phase_ == Phase::kEnded || closing_.has_value()) {
    return;
  }
  if (fleet_.reads().open()) {
    StartRead(&reading_);
  } else {
    fleet_.reads().Hold([self = shared_from_this()] { self->StartHeldRead(); });
  }
}

void SessionStream::StartHeldRead() {
  if (phase_ != Phase::kEnded && !closing_.has_value()) {
    StartRead(&reading_);
  }
}

bool SessionStream::TakeHeartbeat(const v1::SessionRequest& message) {
  if (!message.has_heartbeat() || hello_ == HelloState::kAwaited || !fleet_.reads().open()) {
    return false;
  }
  fleet_.heartbeats().Put({peer_.device_id, shared_from_this()});
  StartRead(&reading_);
  return true;
}

void SessionStream::OnReadDone(bool ok) {
  // Parsed here: the loop has enough to do.
  ParsedRequest parsed = ok ? Parse(reading_) : ParsedRequest(v1::SessionRequest());
  if (ok && parsed.ok() && TakeHeartbeat(*parsed)) {
    return;
  }
  auto message = std::make_shared<ParsedRequest>(std::move(parsed));
  fleet_.Post([self = shared_from_this(), ok, message] {
    if (self->phase_ == Phase::kEnded) {
      return;
    }
    if (!ok) {
      self->Leave();
      self->End(OkStatus());
      return;
    }
    if (message->ok()) {
      self->TakeMessage(**message);
    } else {
      self->Leave();
      self->Close(message->status());
    }
    self->ReadOn();
  });
}

void SessionStream::TakeMessage(const v1::SessionRequest& message) {
  SessionDesk& desk = fleet_.sessions();
  const std::string& id = peer_.device_id;
  if (message.has_hello()) {
    TakeHello(message.hello());
  } else if (hello_ == HelloState::kAwaited) {
    Close(InvalidArgument("the first message is Hello"));
  } else if (message.has_report()) {
    desk.OnReport(id, this, message.report());
  } else if (message.has_condition()) {
    desk.OnCondition(id, this, message.condition());
  } else if (message.has_lines_changed()) {
    desk.OnLinesChanged(id, this, message.lines_changed());
  } else if (message.has_decommission_done()) {
    desk.OnDecommissionDone(id, this);
  } else {
    // A heartbeat, or a message of a newer agent: it is alive.
    desk.OnHeartbeat(id, this);
  }
}

void SessionStream::TakeHello(const v1::Hello& hello) {
  if (hello_ == HelloState::kTaken) {
    Leave();
    Close(InvalidArgument("a session has one Hello"));
    return;
  }
  hello_ = HelloState::kTaken;
  fleet_.sessions().OnHello(peer_, shared_from_this(), hello);
}

void SessionStream::Leave() {
  if (hello_ == HelloState::kTaken) {
    fleet_.sessions().OnDisconnect(peer_.device_id, this);
  }
}

void SessionStream::OnWriteDone(bool ok) {
  writing_.Clear();
  Phase last = Phase::kWriting;
  if (ok && phase_.compare_exchange_strong(last, Phase::kOpen)) {
    return;
  }
  fleet_.Post([self = shared_from_this(), ok] {
    if (self->phase_ == Phase::kEnded) {
      return;
    }
    self->phase_ = Phase::kOpen;
    if (!ok) {
      self->Leave();
      self->End(Cancelled("the device left"));
      return;
    }
    self->Pump();
  });
}

void SessionStream::OnCancel() {
  fleet_.Post([self = shared_from_this()] {
    self->Leave();
    self->End(Cancelled("the device left"));
  });
}

void SessionStream::OnDone() {
  if (admission_ != nullptr) {
    admission_->OnSessionEnded();
  }
  // The loop may still hold tasks of this stream: it lets go last.
  fleet_.Post([self = std::move(self_)] { self->Leave(); });
}

void SessionStream::SendWelcome(const v1::Welcome& welcome) {
  waiting().welcome = welcome;
  Pump();
}

void SessionStream::SendDesired(const DesiredFrame& desired) {
  waiting().desired = desired;
  Pump();
}

void SessionStream::SendAck(const v1::Ack& ack) {
  waiting().ack = ack;
  Pump();
}

void SessionStream::SendDrain(const v1::Drain& drain) {
  waiting().drain = drain;
  Pump();
}

void SessionStream::SendOrder(const v1::SessionResponse& order) {
  waiting().order = order;
  Pump();
}

void SessionStream::Close(const Status& status) {
  if (closing_.has_value()) {
    return;
  }
  closing_ = status;
  if (status.code() == StatusCode::kUnauthenticated) {
    // A revoked device gets nothing more, not even what was waiting for it.
    waiting_.reset();
  }
  Pump();
}

SessionStream::Waiting& SessionStream::waiting() {
  if (waiting_ == nullptr) {
    waiting_ = std::make_unique<Waiting>();
  }
  return *waiting_;
}

bool SessionStream::Waiting::empty() const {
  return !welcome.has_value() && !desired.has_value() && !ack.has_value() && !order.has_value() &&
         !drain.has_value();
}

grpc::ByteBuffer SessionStream::TakeFirst(Waiting& waiting) {
  v1::SessionResponse response;
  if (waiting.welcome.has_value()) {
    *response.mutable_welcome() = *std::exchange(waiting.welcome, std::nullopt);
  } else if (waiting.order.has_value()) {
    response = *std::exchange(waiting.order, std::nullopt);
  } else if (waiting.ack.has_value()) {
    *response.mutable_ack() = *std::exchange(waiting.ack, std::nullopt);
  } else if (waiting.desired.has_value()) {
    return BytesOf(*std::exchange(waiting.desired, std::nullopt));
  } else {
    *response.mutable_drain() = *std::exchange(waiting.drain, std::nullopt);
  }
  return BytesOf(response);
}

void SessionStream::Pump() {
  Phase now = Phase::kWriting;
  if (phase_.compare_exchange_strong(now, Phase::kWritingMore) || now != Phase::kOpen) {
    return;
  }
  if (waiting_ != nullptr) {
    writing_ = TakeFirst(*waiting_);
    if (waiting_->empty()) {
      waiting_.reset();
    }
    const bool more = waiting_ != nullptr || closing_.has_value();
    phase_ = more ? Phase::kWritingMore : Phase::kWriting;
    StartWrite(&writing_);
  } else if (closing_.has_value()) {
    End(*closing_);
  }
}

void SessionStream::End(const Status& status) {
  if (phase_ == Phase::kEnded) {
    return;
  }
  phase_ = Phase::kEnded;
  Finish(StatusToGrpc(status, context_));
}

}  // namespace flotilla::controller

#include "controller/rpc/session_stream.h"

#include <utility>

namespace flotilla::controller {
namespace {

using ParsedRequest = StatusOr<v1::SessionRequest>;

ParsedRequest Parse(std::string_view bytes) {
  v1::SessionRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return InvalidArgument("not a message of a session");
  }
  return request;
}

}  // namespace

std::shared_ptr<SessionStream> SessionStream::Open(Fleet& fleet, std::shared_ptr<DeviceCall> call,
                                                   AdmissionGate* admission,
                                                   const StatusOr<SessionPeer>& peer) {
  auto stream = std::make_shared<SessionStream>(fleet, std::move(call), admission);
  fleet.Post([stream, peer] {
    if (!peer.ok()) {
      stream->End(peer.status());
      return;
    }
    stream->peer_ = *peer;
    stream->ReadOn();
  });
  return stream;
}

SessionStream::SessionStream(Fleet& fleet, std::shared_ptr<DeviceCall> call,
                             AdmissionGate* admission)
    : fleet_(fleet), call_(std::move(call)), admission_(admission) {}

void SessionStream::ReadOn() {
  if (phase_ == Phase::kEnded || closing_.has_value()) {
    return;
  }
  if (fleet_.reads().open()) {
    call_->Read();
  } else {
    fleet_.reads().Hold([self = shared_from_this()] { self->StartHeldRead(); });
  }
}

void SessionStream::StartHeldRead() {
  if (phase_ != Phase::kEnded && !closing_.has_value()) {
    call_->Read();
  }
}

bool SessionStream::TakeHeartbeat(const v1::SessionRequest& message) {
  if (!message.has_heartbeat() || hello_ == HelloState::kAwaited || !fleet_.reads().open()) {
    return false;
  }
  fleet_.heartbeats().Put({peer_.device_id, shared_from_this()});
  call_->Read();
  return true;
}

void SessionStream::OnMessage(std::string_view message) {
  // Parsed here: the loop has enough to do.
  ParsedRequest parsed = Parse(message);
  if (parsed.ok() && TakeHeartbeat(*parsed)) {
    return;
  }
  auto taken = std::make_shared<ParsedRequest>(std::move(parsed));
  fleet_.Post([self = shared_from_this(), taken] {
    if (self->phase_ == Phase::kEnded) {
      return;
    }
    if (taken->ok()) {
      self->TakeMessage(**taken);
    } else {
      self->Leave();
      self->Close(taken->status());
    }
    self->ReadOn();
  });
}

void SessionStream::OnEndOfMessages() {
  fleet_.Post([self = shared_from_this()] {
    if (self->phase_ != Phase::kEnded) {
      self->Leave();
      self->End(OkStatus());
    }
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

void SessionStream::OnWritten() {
  Phase last = Phase::kWriting;
  if (phase_.compare_exchange_strong(last, Phase::kOpen)) {
    return;
  }
  fleet_.Post([self = shared_from_this()] {
    if (self->phase_ != Phase::kEnded) {
      self->phase_ = Phase::kOpen;
      self->Pump();
    }
  });
}

void SessionStream::OnCancelled() {
  fleet_.Post([self = shared_from_this()] {
    self->Leave();
    self->End(Cancelled("the device left"));
  });
}

void SessionStream::OnDone() {
  if (admission_ != nullptr) {
    admission_->OnSessionEnded();
  }
  fleet_.Post([self = shared_from_this()] { self->Leave(); });
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

CallBytes SessionStream::TakeFirst(Waiting& waiting) {
  v1::SessionResponse response;
  if (waiting.welcome.has_value()) {
    *response.mutable_welcome() = *std::exchange(waiting.welcome, std::nullopt);
  } else if (waiting.order.has_value()) {
    response = *std::exchange(waiting.order, std::nullopt);
  } else if (waiting.ack.has_value()) {
    *response.mutable_ack() = *std::exchange(waiting.ack, std::nullopt);
  } else if (waiting.desired.has_value()) {
    const DesiredFrame frame = *std::exchange(waiting.desired, std::nullopt);
    return {FrameHeader(frame), frame.assignments};
  } else {
    *response.mutable_drain() = *std::exchange(waiting.drain, std::nullopt);
  }
  return {response.SerializeAsString(), nullptr};
}

void SessionStream::Pump() {
  Phase now = Phase::kWriting;
  if (phase_.compare_exchange_strong(now, Phase::kWritingMore) || now != Phase::kOpen) {
    return;
  }
  if (waiting_ != nullptr) {
    CallBytes message = TakeFirst(*waiting_);
    if (waiting_->empty()) {
      waiting_.reset();
    }
    const bool more = waiting_ != nullptr || closing_.has_value();
    phase_ = more ? Phase::kWritingMore : Phase::kWriting;
    call_->Write(std::move(message));
  } else if (closing_.has_value()) {
    End(*closing_);
  }
}

void SessionStream::End(const Status& status) {
  if (phase_ == Phase::kEnded) {
    return;
  }
  phase_ = Phase::kEnded;
  call_->Finish(status);
}

}  // namespace flotilla::controller

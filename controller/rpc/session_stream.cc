#include "controller/rpc/session_stream.h"

#include <utility>

#include "controller/rpc/grpc_status.h"

namespace flotilla::controller {

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
    if (stream->phase_ != Phase::kEnded) {
      stream->StartRead(&stream->reading_);
    }
  });
  return stream.get();
}

SessionStream::SessionStream(Fleet& fleet, grpc::CallbackServerContext& context,
                             AdmissionGate* admission)
    : fleet_(fleet), context_(context), admission_(admission) {}

void SessionStream::OnReadDone(bool ok) {
  fleet_.Post([self = shared_from_this(), ok] {
    if (self->phase_ == Phase::kEnded) {
      return;
    }
    if (!ok) {
      self->Leave();
      self->End(OkStatus());
      return;
    }
    self->TakeMessage();
    self->reading_.Clear();  // a Hello is a kilobyte that an idle session need not keep
    if (self->phase_ != Phase::kEnded && !self->closing_.has_value()) {
      self->StartRead(&self->reading_);
    }
  });
}

void SessionStream::TakeMessage() {
  SessionDesk& desk = fleet_.sessions();
  const std::string& id = peer_.device_id;
  if (reading_.has_hello()) {
    TakeHello();
  } else if (hello_ == HelloState::kAwaited) {
    Close(InvalidArgument("the first message is Hello"));
  } else if (reading_.has_report()) {
    desk.OnReport(id, this, reading_.report());
  } else if (reading_.has_condition()) {
    desk.OnCondition(id, this, reading_.condition());
  } else if (reading_.has_lines_changed()) {
    desk.OnLinesChanged(id, this, reading_.lines_changed());
  } else if (reading_.has_decommission_done()) {
    desk.OnDecommissionDone(id, this);
  } else {
    // A heartbeat, or a message of a newer agent: it is alive.
    desk.OnHeartbeat(id, this);
  }
}

void SessionStream::TakeHello() {
  if (hello_ == HelloState::kTaken) {
    Leave();
    Close(InvalidArgument("a session has one Hello"));
    return;
  }
  hello_ = HelloState::kTaken;
  fleet_.sessions().OnHello(peer_, shared_from_this(), reading_.hello());
}

void SessionStream::Leave() {
  if (hello_ == HelloState::kTaken) {
    fleet_.sessions().OnDisconnect(peer_.device_id, this);
  }
}

void SessionStream::OnWriteDone(bool ok) {
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

void SessionStream::SendDesired(const v1::DesiredState& desired) {
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

bool SessionStream::PickNext() {
  writing_.Clear();
  if (waiting_ == nullptr) {
    return false;
  }
  Waiting& next = *waiting_;
  if (next.welcome.has_value()) {
    *writing_.mutable_welcome() = *std::exchange(next.welcome, std::nullopt);
  } else if (next.order.has_value()) {
    writing_ = *std::exchange(next.order, std::nullopt);
  } else if (next.ack.has_value()) {
    *writing_.mutable_ack() = *std::exchange(next.ack, std::nullopt);
  } else if (next.desired.has_value()) {
    *writing_.mutable_desired_state() = *std::exchange(next.desired, std::nullopt);
  } else if (next.drain.has_value()) {
    *writing_.mutable_drain() = *std::exchange(next.drain, std::nullopt);
  } else {
    waiting_.reset();
    return false;
  }
  return true;
}

void SessionStream::Pump() {
  if (phase_ != Phase::kOpen) {
    return;
  }
  if (PickNext()) {
    phase_ = Phase::kWriting;
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

#include "controller/rpc/front_session.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "controller/session/session_end.h"

namespace flotilla::controller {
namespace {

// Messages that wait for the leader before the device is held back.
constexpr std::size_t kMaxWaiting = 8;
// Agents send 64 reports ahead of their acknowledgements.
constexpr std::size_t kMaxReports = 128;
// A device that was not heard for so many heartbeats is not spoken for: its stream is likely one
// that leads nowhere, and it may have another.
constexpr int kSilentHeartbeats = 3;
// Calls that end before the leader said anything wait longer each time, up to 32 times as long.
constexpr int kMostDoublings = 5;

// Said about the device or what it sent, and so for the device to hear. All else is trouble of the
// leader's or on the way to it.
bool IsVerdict(const Status& status) {
  switch (status.code()) {
    case StatusCode::kUnauthenticated:
    case StatusCode::kPermissionDenied:
    case StatusCode::kAlreadyExists:
    case StatusCode::kAborted:
    case StatusCode::kInvalidArgument:
    case StatusCode::kFailedPrecondition:
    case StatusCode::kResourceExhausted:
    case StatusCode::kNotFound:
      return true;
    default:
      return false;
  }
}

}  // namespace

FrontSession::FrontSession(FrontDesk& desk, std::shared_ptr<DeviceCall> device,
                           AdmissionGate& admission)
    : desk_(desk), device_(std::move(device)), admission_(admission) {}

std::shared_ptr<FrontSession> FrontSession::Open(FrontDesk& desk, std::shared_ptr<DeviceCall> call,
                                                 AdmissionGate& admission,
                                                 const StatusOr<std::string>& device_der) {
  auto session = std::make_shared<FrontSession>(desk, std::move(call), admission);
  desk.loop().Post([session, device_der] { session->Begin(device_der); });
  return session;
}

void FrontSession::Begin(const StatusOr<std::string>& device_der) {
  if (!device_der.ok()) {
    End(device_der.status());
    return;
  }
  if (phase_ == Phase::kEnded) {
    return;
  }
  device_der_ = *device_der;
  heard_ = desk_.clock().Monotonic();
  desk_.Add(*this);
  ReadNext();
}

void FrontSession::ReadNext() {
  const bool room = (call_ == nullptr || call_->waiting() < kMaxWaiting) &&
                    memory_.unacknowledged() < kMaxReports;
  if (room && read_ == Reading::kHeldBack && phase_ != Phase::kEnded && !closing_.has_value()) {
    read_ = Reading::kUnderWay;
    device_->Read();
  }
}

void FrontSession::OnMessage(std::string_view message) {
  auto request = std::make_shared<v1::SessionRequest>();
  const bool good = request->ParseFromArray(message.data(), static_cast<int>(message.size()));
  desk_.loop().Post([self = shared_from_this(), good, request] {
    self->read_ = Reading::kHeldBack;
    if (self->phase_ == Phase::kEnded) {
      return;
    }
    if (!good) {
      self->Close(InvalidArgument("not a message of a session"));
      return;
    }
    self->TakeMessage(*request);
    self->ReadNext();
  });
}

void FrontSession::OnEndOfMessages() {
  desk_.loop().Post([self = shared_from_this()] { self->End(OkStatus()); });
}

void FrontSession::TakeMessage(const v1::SessionRequest& message) {
  heard_ = desk_.clock().Monotonic();
  const bool first = !memory_.has_hello();
  memory_.OnDevice(message);
  if (first && !message.has_hello()) {
    Close(InvalidArgument("the first message is Hello"));
  } else if (first) {
    Dial();
  } else if (call_ != nullptr) {
    call_->Send(message);
  }
  // Else the next leader hears of it: what has to be kept is in memory_.
}

void FrontSession::Dial() {
  const auto leader = desk_.leader().Get();
  if (leader == nullptr) {
    DialLater();
    return;
  }
  desk_.OnCallBegun();
  call_ = LeaderCall::Start(leader, device_der_, desk_.loop(), shared_from_this());
  for (const v1::SessionRequest& message : memory_.Replay()) {
    call_->Send(message);
  }
}

void FrontSession::DialLater() {
  const Duration delay = desk_.RedialDelay() * (1 << failures_);
  desk_.loop().PostAfter(delay, [self = shared_from_this()] {
    if (self->phase_ != Phase::kEnded && !self->closing_.has_value()) {
      self->Dial();
    }
  });
}

bool FrontSession::IsSilent() const {
  return desk_.clock().Monotonic() - heard_ > kSilentHeartbeats * memory_.heartbeat_interval();
}

void FrontSession::OnLeaderMessage(const v1::SessionResponse& message) {
  failures_ = 0;
  if (const auto told = memory_.OnLeader(message, desk_.urls()); told.has_value()) {
    Tell(*told);
  }
  ReadNext();
}

void FrontSession::OnLeaderRoom() {
  ReadNext();
}

void FrontSession::OnLeaderEnd(const Status& status) {
  call_.reset();
  desk_.OnCallEnded();
  if (phase_ == Phase::kEnded || closing_.has_value()) {
    return;
  }
  if (IsVerdict(status)) {
    Close(status);
  } else if (IsSilent()) {
    Close(Unavailable("no heartbeat"));
  } else {
    DialLater();
    failures_ = std::min(failures_ + 1, kMostDoublings);
    ReadNext();
  }
}

void FrontSession::OnLeaderChanged() {
  failures_ = 0;
  if (call_ != nullptr) {
    call_->Cancel();
  }
}

void FrontSession::Drain(const v1::Drain& drain) {
  v1::SessionResponse message;
  *message.mutable_drain() = drain;
  Tell(message);
  Close(GoesDown());
}

void FrontSession::Tell(const v1::SessionResponse& message) {
  const auto same = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& other) {
    return other.message_case() == message.message_case();
  });
  if (same == waiting_.end()) {
    waiting_.push_back(message);
  } else {
    *same = message;
  }
  Pump();
}

void FrontSession::Close(const Status& status) {
  if (closing_.has_value()) {
    return;
  }
  closing_ = status;
  if (status.code() == StatusCode::kUnauthenticated) {
    waiting_.clear();  // a revoked device gets nothing more
  }
  Pump();
}

void FrontSession::Pump() {
  if (phase_ != Phase::kOpen) {
    return;
  }
  if (!waiting_.empty()) {
    const v1::SessionResponse message = std::move(waiting_.front());
    waiting_.pop_front();
    phase_ = Phase::kWriting;
    device_->Write({message.SerializeAsString(), nullptr});
  } else if (closing_.has_value()) {
    End(*closing_);
  }
}

void FrontSession::OnWritten() {
  desk_.loop().Post([self = shared_from_this()] {
    if (self->phase_ != Phase::kEnded) {
      self->phase_ = Phase::kOpen;
      self->Pump();
    }
  });
}

void FrontSession::OnCancelled() {
  desk_.loop().Post([self = shared_from_this()] { self->End(Cancelled("the device left")); });
}

void FrontSession::OnDone() {
  admission_.OnSessionEnded();
}

void FrontSession::End(const Status& status) {
  if (phase_ == Phase::kEnded) {
    return;
  }
  phase_ = Phase::kEnded;
  desk_.Remove(*this);
  if (call_ != nullptr) {
    call_->Cancel();
  }
  device_->Finish(status);
}

}  // namespace flotilla::controller

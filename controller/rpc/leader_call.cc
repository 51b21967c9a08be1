#include "controller/rpc/leader_call.h"

#include <utility>

#include "controller/rpc/grpc_status.h"
#include "controller/rpc/peer_gate.h"

namespace flotilla::controller {
LeaderCall::LeaderCall(const std::shared_ptr<grpc::Channel>& leader, Executor& loop,
                       std::shared_ptr<LeaderCallOwner> owner)
    : stub_(v1::DeviceService::NewStub(leader)), loop_(loop), owner_(std::move(owner)) {}

std::shared_ptr<LeaderCall> LeaderCall::Start(const std::shared_ptr<grpc::Channel>& leader,
                                              const std::string& device_der, Executor& loop,
                                              std::shared_ptr<LeaderCallOwner> owner) {
  auto call = std::make_shared<LeaderCall>(leader, loop, std::move(owner));
  call->self_ = call;
  call->context_.AddMetadata(kForwardedDevice, device_der);
  call->stub_->async()->Session(&call->context_, call.get());
  call->AddHold();  // writes are started outside of reactions
  call->StartRead(&call->reading_);
  call->StartCall();
  return call;
}

void LeaderCall::Send(const v1::SessionRequest& message) {
  waiting_.push_back(message);
  Pump();
}

void LeaderCall::Cancel() {
  context_.TryCancel();
}

void LeaderCall::Pump() {
  if (phase_ != Phase::kOpen || waiting_.empty()) {
    return;
  }
  writing_ = std::move(waiting_.front());
  waiting_.pop_front();
  phase_ = Phase::kWriting;
  StartWrite(&writing_);
}

void LeaderCall::Release() {
  if (std::exchange(phase_, Phase::kEnding) != Phase::kEnding) {
    RemoveHold();
  }
}

void LeaderCall::OnReadDone(bool ok) {
  loop_.Post([self = shared_from_this(), ok] {
    if (!ok) {
      self->Release();
      return;
    }
    self->owner_->OnLeaderMessage(self->reading_);
    self->reading_.Clear();
    self->StartRead(&self->reading_);
  });
}

void LeaderCall::OnWriteDone(bool ok) {
  loop_.Post([self = shared_from_this(), ok] {
    if (self->phase_ != Phase::kWriting) {
      return;
    }
    self->phase_ = Phase::kOpen;
    if (ok) {  // else the end is on its way
      self->Pump();
      self->owner_->OnLeaderRoom();
    }
  });
}

void LeaderCall::OnDone(const grpc::Status& status) {
  loop_.Post([self = std::move(self_), status] {
    const auto owner = std::move(self->owner_);
    owner->OnLeaderEnd(FromGrpc(status, self->context_));
  });
}

}  // namespace flotilla::controller

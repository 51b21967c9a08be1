#include "controller/rpc/rollout_watch.h"

#include <utility>
#include <variant>

#include "flotilla/v1/failure_reason.pb.h"

#include "controller/fleet/fleet.h"
#include "controller/fleet/rollout_desk.h"
#include "controller/rpc/grpc_status.h"

namespace flotilla::controller {
namespace {

bool IsFinal(v1::RolloutState state) {
  switch (state) {
    case v1::ROLLOUT_STATE_COMPLETED:
    case v1::ROLLOUT_STATE_ABORTED:
    case v1::ROLLOUT_STATE_ROLLED_BACK:
    case v1::ROLLOUT_STATE_SUPERSEDED:
    case v1::ROLLOUT_STATE_CANCELLED:
      return true;
    default:
      return false;
  }
}

}  // namespace

RolloutWatch* RolloutWatch::Open(const OperatorCalls& calls, grpc::CallbackServerContext& context,
                                 const v1::WatchRolloutRequest& request) {
  auto watch = std::make_shared<RolloutWatch>(calls.fleet(), context, request.rollout_id());
  watch->self_ = watch;
  const auto peer = calls.Admit(context, request);
  watch->serial_hex_ = peer.ok() ? peer->serial_hex : std::string();
  calls.fleet().Post([watch, refused = peer.status()] {
    if (refused.ok()) {
      watch->Begin();
    } else {
      watch->End(refused);
    }
  });
  return watch.get();
}

RolloutWatch::RolloutWatch(Fleet& fleet, grpc::CallbackServerContext& context,
                           std::string rollout_id)
    : fleet_(fleet), context_(context), rollout_id_(std::move(rollout_id)) {}

void RolloutWatch::Begin() {
  if (phase_ == Phase::kEnded) {
    return;
  }
  const auto rollout = fleet_.rollouts().Find(rollout_id_);
  if (!rollout.ok()) {
    End(rollout.status());
    return;
  }
  listener_ = fleet_.AddListener([this](const FleetEvent& event) {
    const auto* revoked = std::get_if<CertificateRevoked>(&event);
    if (revoked != nullptr && revoked->serial_hex == serial_hex_) {
      End(WithReason(Unauthenticated("the certificate is revoked"),
                     v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED));
      return;
    }
    const auto* changed = std::get_if<RolloutChanged>(&event);
    if (changed != nullptr && changed->rollout.id() == rollout_id_) {
      Push(changed->rollout);
    }
  });
  Push(*rollout);
}

void RolloutWatch::Push(const v1::Rollout& rollout) {
  newest_ = rollout;
  WriteNext();
}

void RolloutWatch::WriteNext() {
  if (phase_ != Phase::kIdle || !newest_.has_value()) {
    return;
  }
  *writing_.mutable_rollout() = *std::move(newest_);
  newest_.reset();
  phase_ = Phase::kWriting;
  StartWrite(&writing_);
}

void RolloutWatch::OnWriteDone(bool ok) {
  fleet_.Post([self = shared_from_this(), ok] {
    if (self->phase_ == Phase::kEnded) {
      return;
    }
    self->phase_ = Phase::kIdle;
    if (!ok) {
      self->End(Cancelled("the client left"));
    } else if (self->newest_.has_value()) {
      self->WriteNext();
    } else if (IsFinal(self->writing_.rollout().state())) {
      self->End(OkStatus());
    }
  });
}

void RolloutWatch::OnCancel() {
  fleet_.Post([self = shared_from_this()] { self->End(Cancelled("the client left")); });
}

void RolloutWatch::End(const Status& status) {
  if (phase_ == Phase::kEnded) {
    return;
  }
  phase_ = Phase::kEnded;
  if (listener_.has_value()) {
    fleet_.RemoveListener(*listener_);
  }
  Finish(StatusToGrpc(status, context_));
}

void RolloutWatch::OnDone() {
  // The loop may still hold tasks of this watch: it lets go last.
  fleet_.Post([self = std::move(self_)] {});
}

}  // namespace flotilla::controller

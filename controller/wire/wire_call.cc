#include "controller/wire/wire_call.h"

#include "controller/wire/wire_inbox.h"

namespace flotilla::controller {

WireCall::WireCall(std::shared_ptr<WireInbox> inbox, WireLink& link, std::int32_t stream)
    : inbox_(std::move(inbox)), link_(&link), stream_(stream) {}

WireCall::~WireCall() = default;

void WireCall::Read() {
  inbox_->Put({shared_from_this(), WireOrder::Kind::kRead, {}, {}});
}

void WireCall::Write(CallBytes message) {
  inbox_->Put({shared_from_this(), WireOrder::Kind::kWrite, std::move(message), {}});
}

void WireCall::Finish(const Status& status) {
  inbox_->Put({shared_from_this(), WireOrder::Kind::kFinish, {}, status});
}

void WireCall::OnGone() {
  link_ = nullptr;
  if (finished_) {
    Done();
  } else {
    user_->OnCancelled();
  }
}

void WireCall::Done() {
  // Who waits for the calls to end may take away what their users need.
  std::exchange(user_, nullptr)->OnDone();
  inbox_->OnCallEnded();
}

}  // namespace flotilla::controller

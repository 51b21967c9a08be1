#include "tests/support/fake_session_transport.h"

namespace flotilla::agent {

void FakeSessionTransport::Open(SessionHandler& handler) {
  handler_ = &handler;
  sent_.clear();
  const int session = ++opened_;
  if (cut_) {
    executor_.Post([this, session] {
      if (session == opened_) {
        End(Unavailable("the link is cut"));
      }
    });
  }
}

void FakeSessionTransport::Send(const v1::SessionRequest& message) {
  if (handler_ != nullptr && !cut_) {
    sent_.push_back(message);
  }
}

void FakeSessionTransport::Close() {
  handler_ = nullptr;
}

void FakeSessionTransport::Cut() {
  cut_ = true;
  End(Unavailable("the link is cut"));
}

void FakeSessionTransport::End(const Status& status) {
  if (SessionHandler* handler = handler_) {
    handler_ = nullptr;
    handler->OnClosed(status.ok() ? Unavailable("the controller ended the session") : status);
  }
}

void FakeSessionTransport::Deliver(const v1::SessionResponse& message) {
  if (handler_ != nullptr && !cut_) {
    handler_->OnMessage(message);
  }
}

std::vector<v1::UpdateReport> FakeSessionTransport::SentReports() const {
  std::vector<v1::UpdateReport> reports;
  for (const v1::SessionRequest& message : sent_) {
    if (message.has_report()) {
      reports.push_back(message.report());
    }
  }
  return reports;
}

}  // namespace flotilla::agent

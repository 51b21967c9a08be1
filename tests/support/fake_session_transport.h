#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_SESSION_TRANSPORT_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_SESSION_TRANSPORT_H_

#include <vector>

#include "agent/session/session_transport.h"
#include "base/executor.h"

namespace flotilla::agent {

// The device's end of a session in memory; the test is the controller. The link can be cut and
// healed.
class FakeSessionTransport final : public SessionTransport {
 public:
  explicit FakeSessionTransport(Executor& executor) : executor_(executor) {}

  void Open(SessionHandler& handler) override;
  void Send(const v1::SessionRequest& message) override;
  void Close() override;

  // Ends the open session with UNAVAILABLE and refuses new ones.
  void Cut();
  void Heal() { cut_ = false; }
  // The controller ends the session.
  void End(const Status& status);
  void Deliver(const v1::SessionResponse& message);

  bool open() const { return handler_ != nullptr; }
  int opened() const { return opened_; }
  // Everything sent in the current session.
  const std::vector<v1::SessionRequest>& sent() const { return sent_; }
  std::vector<v1::UpdateReport> SentReports() const;

 private:
  Executor& executor_;
  SessionHandler* handler_ = nullptr;
  bool cut_ = false;
  int opened_ = 0;
  std::vector<v1::SessionRequest> sent_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_SESSION_TRANSPORT_H_

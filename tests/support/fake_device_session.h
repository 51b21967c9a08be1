#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_DEVICE_SESSION_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_DEVICE_SESSION_H_

#include <optional>
#include <vector>

#include "controller/session/device_session.h"

namespace flotilla::controller {

// Remembers what a device would have got.
class FakeDeviceSession final : public DeviceSession {
 public:
  void SendWelcome(const v1::Welcome& welcome) override { welcomes.push_back(welcome); }
  void SendDesired(const DesiredFrame& frame) override {
    frames.push_back(frame);
    desired.push_back(DesiredOf(frame));
  }
  void SendAck(const v1::Ack& ack) override { acks.push_back(ack); }
  void SendDrain(const v1::Drain& drain) override { drains.push_back(drain); }
  void SendOrder(const v1::SessionResponse& order) override { orders.push_back(order); }
  void Close(const Status& status) override {
    if (!closed.has_value()) {
      closed = status;
    }
  }

  bool open() const { return !closed.has_value(); }

  std::vector<v1::Welcome> welcomes;
  std::vector<v1::DesiredState> desired;
  std::vector<DesiredFrame> frames;  // the same
  std::vector<v1::Ack> acks;
  std::vector<v1::Drain> drains;
  std::vector<v1::SessionResponse> orders;
  std::optional<Status> closed;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_DEVICE_SESSION_H_

#ifndef FLOTILLA_CONTROLLER_WIRE_WIRE_CALL_H_
#define FLOTILLA_CONTROLLER_WIRE_WIRE_CALL_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "base/status.h"
#include "controller/session/device_call.h"

namespace flotilla::controller {

class WireInbox;
class WireLink;

// A device's call on a connection of ours. What its user asks goes to the inbox of the thread that
// has the connection; the rest is that thread's.
class WireCall final : public DeviceCall, public std::enable_shared_from_this<WireCall> {
 public:
  WireCall(std::shared_ptr<WireInbox> inbox, WireLink& link, std::int32_t stream);
  ~WireCall() override;
  WireCall(const WireCall&) = delete;
  WireCall& operator=(const WireCall&) = delete;

  void Read() override;
  void Write(CallBytes message) override;
  void Finish(const Status& status) override;

  // The thread's.
  WireLink* link() const { return link_; }  // null: the connection or the stream is gone
  std::int32_t stream() const { return stream_; }
  void Begin(std::shared_ptr<DeviceCallUser> user) { user_ = std::move(user); }
  DeviceCallUser* user() const { return user_.get(); }
  // Its user wants no more of it.
  void SetFinished() { finished_ = true; }
  bool finished() const { return finished_; }
  // The stream is gone: says so to a user who did not finish it, and otherwise that all is done.
  void OnGone();
  // Lets go of the user. Once.
  void Done();

 private:
  const std::shared_ptr<WireInbox> inbox_;
  WireLink* link_;
  const std::int32_t stream_;
  std::shared_ptr<DeviceCallUser> user_;
  bool finished_ = false;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_WIRE_CALL_H_

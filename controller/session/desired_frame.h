#ifndef FLOTILLA_CONTROLLER_SESSION_DESIRED_FRAME_H_
#define FLOTILLA_CONTROLLER_SESSION_DESIRED_FRAME_H_

#include <cstdint>
#include <memory>
#include <string>

#include "flotilla/v1/session.pb.h"

namespace flotilla::controller {

// One device's desired state on its way: what is its own, and the bytes that every device of the
// same assignments shares. Copies share the bytes; they are never changed.
struct DesiredFrame {
  std::uint64_t generation = 0;
  // A v1::DesiredState without its generation, serialised.
  std::shared_ptr<const std::string> assignments;
};

// The frame of one device alone.
DesiredFrame FrameOf(const v1::DesiredState& desired);
v1::DesiredState DesiredOf(const DesiredFrame& frame);

// What stands before frame.assignments in a serialised v1::SessionResponse of this desired state
// (protobuf encoding: messages are length-delimited, fields of one message follow each other).
std::string FrameHeader(const DesiredFrame& frame);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_DESIRED_FRAME_H_

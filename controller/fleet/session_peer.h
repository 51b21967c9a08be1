#ifndef FLOTILLA_CONTROLLER_FLEET_SESSION_PEER_H_
#define FLOTILLA_CONTROLLER_FLEET_SESSION_PEER_H_

#include <string>

#include "base/digest.h"
#include "base/time.h"

namespace flotilla::controller {

// Who is on the other end of a stream, by its certificate.
struct SessionPeer {
  std::string device_id;
  std::string serial_hex;
  Time not_after;
  Digest public_key;
  Time not_before = absl::InfinitePast();
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_SESSION_PEER_H_

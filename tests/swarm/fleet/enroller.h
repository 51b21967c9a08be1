#ifndef FLOTILLA_TESTS_SWARM_FLEET_ENROLLER_H_
#define FLOTILLA_TESTS_SWARM_FLEET_ENROLLER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "tests/swarm/fleet/identity_book.h"

namespace flotilla::swarm {

struct EnrolOptions {
  std::string address;  // "host:port" of the enrolment listener
  std::string token;
  std::string ca_pem;  // FindPinnedAuthority's
  std::string hardware = "simulated";
  std::size_t at_once = 16;
};

// Enrols devices of these ids by the real call, each with a P-256 key of its own, many at a time;
// asks again while the controller takes no more. Blocking; `progress` is called with how many are
// done, on any thread. Errors as of EnrolmentService.
StatusOr<std::vector<KeptDevice>> EnrolAll(const EnrolOptions& options,
                                           const std::vector<std::string>& ids,
                                           const std::function<void(std::size_t)>& progress);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_ENROLLER_H_

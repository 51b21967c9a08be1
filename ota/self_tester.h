#ifndef FLOTILLA_OTA_SELF_TESTER_H_
#define FLOTILLA_OTA_SELF_TESTER_H_

#include <optional>
#include <stop_token>

#include "flotilla/v1/update.pb.h"

#include "base/status.h"

namespace flotilla::ota {

// Port: loads a candidate in a process of its own and asks it the golden prompts; with `running`,
// scores that release on the same prompts too (running_correct). Paths come from Store::PathOf. A
// release without golden prompts (golden_sha256 empty) is loaded only: total 0. Blocking. Errors:
// INSTALL_LOAD_FAILED, INSTALL_GGUF_INVALID, INSTALL_ARTIFACT_MISMATCH (the release is bad: it is
// marked); any other (no memory, cannot start a process, deadline): the release is not marked and
// may be tried again.
class SelfTester {
 public:
  virtual ~SelfTester() = default;
  virtual StatusOr<v1::GoldenScore> Test(const v1::InstalledRelease& candidate,
                                         const std::optional<v1::InstalledRelease>& running,
                                         const std::stop_token& stop) = 0;

 protected:
  SelfTester() = default;
  SelfTester(const SelfTester&) = default;
  SelfTester& operator=(const SelfTester&) = default;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_SELF_TESTER_H_

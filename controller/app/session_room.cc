#include "controller/app/session_room.h"

#include <cstddef>
#include <cstdint>

#include "base/log.h"
#include "base/os_machine.h"
#include "base/os_open_files.h"
#include "base/status.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kOtherFiles = 512;  // stores, uploads, pages

}  // namespace

AdmissionOptions MakeRoom(const AdmissionOptions& wanted) {
  AdmissionOptions admission = ForMachine(wanted, CoresOfMachine(), MemoryOfMachine());
  const auto files = RaiseOpenFileLimit(admission.max_sessions + kOtherFiles);
  if (!files.ok()) {
    const std::uint64_t limit = OpenFileLimit();
    admission.max_sessions = limit > 2 * kOtherFiles ? limit - kOtherFiles : limit / 2;
    LogWarning("listener.few_open_files",
               {{"text", MessageOf(files.status())}, {"sessions", admission.max_sessions}});
  }
  LogInfo("listener.admission",
          {{"sessions", admission.max_sessions},
           {"handshakes", admission.handshakes_at_once},
           {"new_per_source", static_cast<std::int64_t>(admission.per_source_per_second)}});
  return admission;
}

}  // namespace flotilla::controller

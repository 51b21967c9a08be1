#ifndef FLOTILLA_AGENT_APP_STATUS_TEXT_H_
#define FLOTILLA_AGENT_APP_STATUS_TEXT_H_

#include <filesystem>
#include <string>

#include "flotilla/v1/session.pb.h"

#include "base/status.h"

namespace flotilla::agent {

// What `flotilla-agent status` prints, one "name: value" a line: device, certificate, whether an
// agent runs, endpoint, each line's releases with the variant, its adapters and why a device of
// these `facts` takes it, how fresh its trust is, outbox, generation. Reads the state folder only;
// changes nothing.
StatusOr<std::string> StatusText(const std::filesystem::path& state_dir,
                                 const v1::DeviceFacts& facts);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_STATUS_TEXT_H_

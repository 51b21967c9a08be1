// An agent without a controller: it serves what is installed and installs from bundles.
#ifndef FLOTILLA_AGENT_APP_LOCAL_RUN_H_
#define FLOTILLA_AGENT_APP_LOCAL_RUN_H_

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>

#include "flotilla/config/v1/agent.pb.h"

#include "agent/app/agent.h"
#include "agent/enrol/identity.h"
#include "agent/session/session_transport.h"
#include "base/asio_executor.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"

namespace flotilla::agent {

// Agent::Create with the parts of this machine, on the loop that is given with it.
using AgentMaker =
    std::function<StatusOr<std::unique_ptr<Agent>>(const Identity&, SessionTransport&)>;

// Whether a device that is not enrolled has something to do all the same: a release, a bundle that
// waits, a folder to watch, or no controller to enrol with.
bool WorksWithoutController(const config::v1::AgentConfig& config);

// Until `wait` returns, which is called on a thread of its own, and with its answer: serves as soon
// as there is something to serve or to install.
Status ServeUnenrolled(const config::v1::AgentConfig& config, const AgentMaker& make,
                       AsioExecutor& loop, const std::function<Status()>& wait);

struct BundleInstall {
  std::filesystem::path state_dir;
  std::filesystem::path file;
  DurableFs& fs;
  Random& random;
  std::ostream& out;  // progress, a line a step
};

// Asks the agent that runs on the state folder to install a bundle, and waits for the end: every
// release of it serves, or one could not be installed (the error, with its reason; the rest may
// serve).
Status AskForBundle(const BundleInstall& install, AsioExecutor& loop);
// The same where no agent runs: this process is the agent until then. Hold LockState.
Status InstallBundleHere(const BundleInstall& install, const AgentMaker& make, AsioExecutor& loop);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_LOCAL_RUN_H_

#ifndef FLOTILLA_TESTS_INTEGRATION_ENGINE_ENGINE_PROCESS_H_
#define FLOTILLA_TESTS_INTEGRATION_ENGINE_ENGINE_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "engine/api/control_channel.h"
#include "flotilla/v1/engine.pb.h"

namespace flotilla::test {

std::string DemoFile(const std::string& name);
UniqueFd OpenForReading(const std::string& path);
// SHA-256 as 32 bytes of text; empty when the file cannot be read.
std::string Sha256Of(const std::string& path);

// A flotilla-engine started as the agent starts it, and killed at the end.
class EngineProcess {
 public:
  static StatusOr<EngineProcess> Start();
  EngineProcess(EngineProcess&& other) noexcept;
  EngineProcess& operator=(EngineProcess&& other) noexcept;
  EngineProcess(const EngineProcess&) = delete;
  EngineProcess& operator=(const EngineProcess&) = delete;
  ~EngineProcess();

  // Each sends a command and waits for its event; anything else that comes is an error, as is a
  // failure of the engine (with its reason).
  StatusOr<v1::EngineLoaded> Load(const std::string& line, const std::string& version,
                                  const std::string& model_path);
  StatusOr<v1::EngineSelfTestDone> SelfTest(const std::string& golden_path);
  Status Serve(const std::vector<int>& tcp, int sibling,
               const std::map<std::string, std::string>& sibling_sockets = {});
  Status Drain(Duration grace);

  Status Send(const v1::EngineCommand& command, const std::vector<int>& descriptors);
  // The next event that is neither statistics nor about a request.
  StatusOr<v1::EngineEvent> NextEvent();
  // Those of a kind; others are passed over.
  StatusOr<v1::EngineStats> NextStats();
  StatusOr<v1::EngineEvent> NextOfRequest();
  // Exit code, or minus the signal.
  int WaitForExit();
  // Every event until the engine closes its end: one that has much to tell waits for its reader.
  void ReadToTheEnd();
  void CloseChannel() { channel_.reset(); }
  pid_t pid() const { return pid_; }

 private:
  EngineProcess(engine::ControlChannel channel, pid_t pid);
  StatusOr<v1::EngineEvent> Receive();

  std::optional<engine::ControlChannel> channel_;
  pid_t pid_;
};

}  // namespace flotilla::test

#endif  // FLOTILLA_TESTS_INTEGRATION_ENGINE_ENGINE_PROCESS_H_

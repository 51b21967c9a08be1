#ifndef FLOTILLA_AGENT_ENGINE_ENGINE_SELF_TESTER_H_
#define FLOTILLA_AGENT_ENGINE_ENGINE_SELF_TESTER_H_

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/time.h"
#include "ota/store.h"
#include "ota/update_runner.h"

namespace flotilla::agent {

// Port: memory for a second engine while a self-test runs. Real: ParkingRoom (agent/app).
class SelfTestRoom {
 public:
  virtual ~SelfTestRoom() = default;
  // Blocks until there is room, ending the line's engine if there is no other way. CANCELLED:
  // `stop`.
  virtual Status Enter(const v1::InstalledRelease& candidate, const std::stop_token& stop) = 0;
  // The line's engine may come back.
  virtual void Leave(const v1::InstalledRelease& candidate) = 0;

 protected:
  SelfTestRoom() = default;
  SelfTestRoom(const SelfTestRoom&) = default;
  SelfTestRoom& operator=(const SelfTestRoom&) = default;
};

struct SelfTestOptions {
  std::filesystem::path engine_path;
  Duration load_timeout = absl::Seconds(180);
  Duration test_timeout = absl::Seconds(600);
};

// ota::SelfTester in a child process of its own: load, golden prompts, end; then the same prompts
// for the release that runs. Blocking, on the update worker's thread. References must outlive it.
class EngineSelfTester final : public ota::SelfTester {
 public:
  EngineSelfTester(SelfTestOptions options, const ota::Store& store, SelfTestRoom& room,
                   const Clock& clock);

  StatusOr<v1::GoldenScore> Test(const v1::InstalledRelease& candidate,
                                 const std::optional<v1::InstalledRelease>& running,
                                 const std::stop_token& stop) override;

 private:
  // Loads `release`; then asks it the prompts of `golden_sha256`, unless that is empty.
  StatusOr<v1::GoldenScore> Score(const v1::InstalledRelease& release,
                                  const std::string& golden_sha256, const std::stop_token& stop);

  const SelfTestOptions options_;
  const ota::Store& store_;
  SelfTestRoom& room_;
  const Clock& clock_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_ENGINE_SELF_TESTER_H_

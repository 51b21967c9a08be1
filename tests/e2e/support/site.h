// A controller, its operator and its publisher, on free ports of the loopback, all of it through
// the real programs.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_SITE_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_SITE_H_

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "base/status.h"
#include "base/time.h"
#include "tests/e2e/support/device.h"
#include "tests/e2e/support/process.h"
#include "tests/support/temp_dir.h"

namespace flotilla::e2e {

// The model line that tests use, and its releases in deploy/demo.
inline constexpr char kLine[] = "plant-slm";
inline constexpr char kQuestion[] = "pump-07 temp=91C vib=8.2mm/s rpm=1480 current=31A";
inline constexpr char kModelV1[] = "plant-slm-v1-q8_0.gguf";
inline constexpr char kModelV2[] = "plant-slm-v2-q8_0.gguf";
inline constexpr char kModelV2Small[] = "plant-slm-v2-q4_k_m.gguf";
inline constexpr char kModelV3[] = "plant-slm-v3-regressed-q8_0.gguf";

struct SiteOptions {
  Duration timestamp_life = absl::Hours(72);
  Duration heartbeat = absl::Seconds(1);
  // Of the controller, before localhost and 127.0.0.1: "a.fleet.test, "; the first one is where
  // devices are told to fetch from.
  std::string host_names;
  // More lines of controller.yaml.
  std::string more_config;
  // Folder of flotilla-controller and fleetctl; empty: those of the build under test.
  std::filesystem::path programs;
  // More lines of a rollout's specification. A test that goes on as soon as its device runs a
  // release does not wait for that one's soak.
  std::string more_rollout = "  on_overlap: replace\n";
  // Who holds keys of root and of targets, and how many of each must sign.
  std::vector<std::string> root_keys = {"root"};
  std::vector<std::string> targets_keys = {"targets"};
  int root_threshold = 1;
  int targets_threshold = 1;
};

struct WaveSize {
  std::string name;
  int count = 0;  // 0: all that are left
  Duration soak = absl::Seconds(1);
};

class Site {
 public:
  explicit Site(const SiteOptions& options = {});
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  // Keys, the controller, a published root and the line's delegated role.
  Status Start();
  // `program`, when not the one that is shipped; its environment is `environment` and the test's.
  Status StartController(const std::string& program = "", const Environment& environment = {});
  void KillController() { controller_.reset(); }
  // From the next start on the controller's state folder is this one beside the others.
  void UseStateFolder(const std::string& name) {
    state_name_ = name;
    WriteControllerConfig();
  }
  // From the next start or command on; SiteOptions.
  void UsePrograms(const std::filesystem::path& folder) { options_.programs = folder; }
  Process& controller() { return *controller_; }

  // A command by the site's operator.
  CommandResult Fleetctl(const Command& words) const;
  // OK, or what the command said. The second also reads its `-o json`.
  Status Run(const Command& words) const;
  StatusOr<boost::json::value> Json(Command words) const;

  // A configured device that enrols when it starts; its token is for this one use.
  StatusOr<Device*> AddDevice(const std::string& name);
  StatusOr<std::string> CreateToken(const Command& options) const;
  // `more` are further lines of agent.yaml.
  void WriteAgentConfig(const Device& device, const std::string& token,
                        const std::string& more = "") const;
  // A device whose agent.yaml the test writes; its folder is called `folder`, or as it is.
  Device* AddBareDevice(const std::string& name, const std::string& folder = "");

  // `model` is a file of deploy/demo or an absolute path.
  Status Push(const std::string& version, const std::string& model, int floor_percent,
              const std::string& key = "models") const;
  // Creates and starts rollout "plant-slm-<version>", in place of one that has not ended.
  Status RollOut(const std::string& version, const std::vector<WaveSize>& waves) const;

  // "COMPLETED", "RUNNING", ...
  std::string RolloutState(const std::string& version) const;
  // Devices per state number, a JSON object a wave: {"200":3} {"20":1}.
  std::string WaveCounts(const std::string& version) const;
  // "SUCCEEDED", ...; empty when the device is not in that rollout.
  std::string DeploymentState(const std::string& version, const std::string& device) const;
  // Version of the line that the device runs as the controller knows it; confirmed, not on trial.
  std::string Runs(const std::string& device) const;
  std::string Why(const std::string& device) const;

  // "localhost:PORT" by the name in listeners.json; the host is the first of the controller's
  // names.
  std::string Listener(const std::string& name) const;
  // "127.0.0.1:PORT" of it.
  std::string Loopback(const std::string& name) const;
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::filesystem::path Key(const std::string& role) const {
    return folder() / "keys" / (role + ".pem");
  }
  std::filesystem::path state_dir() const { return folder() / state_name_; }
  std::filesystem::path controller_config() const { return folder() / "controller.yaml"; }
  std::filesystem::path metadata_dir() const { return state_dir() / "repo/metadata"; }
  // The ends of all logs, for a failed test.
  std::string Logs() const;

 private:
  void WriteControllerConfig() const;
  std::string Own(const std::string& program) const;
  bool Answers() const;
  Status PublishTrust() const;

  SiteOptions options_;
  std::string state_name_ = "controller";
  TempDir folder_;
  std::unique_ptr<Process> controller_;
  std::map<std::string, std::unique_ptr<Device>> devices_;
};

// Program of the build under test.
std::string Program(const std::string& name);
std::filesystem::path Demo(const std::string& file);

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_SITE_H_

#ifndef FLOTILLA_TESTS_E2E_SUPPORT_SECOND_PARTY_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_SECOND_PARTY_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/status.h"
#include "tests/e2e/support/process.h"
#include "tests/support/temp_dir.h"

namespace flotilla::e2e {

// Who runs the helper of private health: a flotilla-aggregator of its own, in a folder of its own,
// that takes demonstrations.
class SecondParty {
 public:
  // Keys, the leader's credentials, and a running aggregator. Call once, before the controller
  // starts.
  Status SetUp();
  // On the port of the first time.
  Status Start();
  void Kill() { process_.reset(); }
  Process& process() { return *process_; }

  // Lines of controller.yaml.
  std::string ControllerLines() const;
  // PEM file that owners pin on devices.
  std::filesystem::path identity() const { return folder_.path() / "identity.pem"; }
  // Reporting keys, one a line.
  Status Register(const std::filesystem::path& keys) const;
  std::filesystem::path state_dir() const { return folder_.path() / "state"; }
  std::string Log() const { return FileText(folder_.path() / "log"); }

 private:
  std::string config() const { return (folder_.path() / "aggregator.yaml").string(); }
  std::string Endpoint() const;
  static StatusOr<std::string> Do(const Command& words);

  TempDir folder_;
  std::unique_ptr<Process> process_;
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_SECOND_PARTY_H_

#ifndef FLOTILLA_TESTS_E2E_SUPPORT_DEVICE_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_DEVICE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "tests/e2e/support/process.h"

namespace flotilla::e2e {

// One device: a state folder and, while it is switched on, a flotilla-agent.
class Device {
 public:
  // `folder` is made; agent.yaml is to be put there before Start.
  Device(std::string name, std::filesystem::path folder);

  const std::string& name() const { return name_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path config_file() const { return folder_ / "agent.yaml"; }
  std::filesystem::path state_dir() const { return folder_ / "state"; }
  std::filesystem::path log_file() const { return folder_ / "agent.log"; }
  std::string Log() const { return FileText(log_file()); }

  // From the next start on the agent sees this time (faketime(1)), running on from there; empty:
  // the right one.
  void set_clock(std::string fake) { clock_ = std::move(fake); }

  // From the next start on: another agent than the one that is shipped, with more in its
  // environment, started in another folder. Empty: as before.
  void set_program(std::string program) { program_ = std::move(program); }
  void set_environment(Environment more) { environment_ = std::move(more); }
  void set_working_folder(std::filesystem::path folder) { working_folder_ = std::move(folder); }

  Status Start();
  bool Running() { return process_ != nullptr && process_->Running(); }
  // SIGTERM, then SIGKILL after 10 s.
  void Stop();
  void Kill() { process_.reset(); }
  Process& process() { return *process_; }

  // "http://127.0.0.1:PORT" of the local endpoint; empty until the agent has opened it.
  std::string Url() const;
  // The model's answer; empty when there was none.
  std::string Ask(const std::string& line, const std::string& question) const;

 private:
  std::string name_;
  std::filesystem::path folder_;
  std::string clock_;
  std::string program_;
  Environment environment_;
  std::filesystem::path working_folder_;
  std::unique_ptr<Process> process_;
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_DEVICE_H_

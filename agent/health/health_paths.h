// Where a device keeps what belongs to its private health: all under <state_dir>/health.
#ifndef FLOTILLA_AGENT_HEALTH_HEALTH_PATHS_H_
#define FLOTILLA_AGENT_HEALTH_HEALTH_PATHS_H_

#include <filesystem>

namespace flotilla::agent {

inline std::filesystem::path HealthDir(const std::filesystem::path& state_dir) {
  return state_dir / "health";
}
// dp::Ledger; made at enrolment and never again.
inline std::filesystem::path LedgerPath(const std::filesystem::path& state_dir) {
  return HealthDir(state_dir) / "ledger";
}
inline std::filesystem::path ReportingKeyPath(const std::filesystem::path& state_dir) {
  return HealthDir(state_dir) / "reporting.key";
}
inline std::filesystem::path ReportingPublicPath(const std::filesystem::path& state_dir) {
  return HealthDir(state_dir) / "reporting.pub";
}
// Sealed reports that wait for their moment.
inline std::filesystem::path SpoolDir(const std::filesystem::path& state_dir) {
  return HealthDir(state_dir) / "spool";
}
// What the device remembers of its releases, to compare the next one with.
inline std::filesystem::path ReleaseMemoryPath(const std::filesystem::path& state_dir) {
  return HealthDir(state_dir) / "releases";
}
// Windows that run, so that a restart does not lose them.
inline std::filesystem::path KeptWindowsPath(const std::filesystem::path& state_dir) {
  return HealthDir(state_dir) / "windows";
}
// For the person: what was sent, and what the agent is about to send.
inline std::filesystem::path SentLogPath(const std::filesystem::path& state_dir) {
  return HealthDir(state_dir) / "sent";
}
inline std::filesystem::path HealthStatusPath(const std::filesystem::path& state_dir) {
  return HealthDir(state_dir) / "status";
}

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_HEALTH_PATHS_H_

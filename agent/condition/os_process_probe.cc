#include "agent/condition/os_process_probe.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <utility>

#include "agent/condition/os_system_probe.h"

namespace flotilla::agent {
namespace {

constexpr std::string_view kOwnGroup = "0::/";

// Files of /proc have no size to ask for.
std::string ReadAll(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Relative to the root of the groups; empty when there is no group of version 2.
std::string OwnGroup(const std::string& groups) {
  std::istringstream lines(groups);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with(kOwnGroup)) {
      return line.substr(kOwnGroup.size());
    }
  }
  return "";
}

}  // namespace

std::optional<std::uint64_t> NumberOf(const std::string& lines, const std::string& name) {
  std::istringstream words(lines);
  std::string word;
  while (words >> word) {
    std::uint64_t number = 0;
    if (word == name && words >> number) {
      return number;
    }
  }
  return std::nullopt;
}

OsProcessProbe::OsProcessProbe(std::filesystem::path proc, std::filesystem::path cgroup)
    : proc_(std::move(proc)), cgroup_(std::move(cgroup)) {}

std::optional<std::uint64_t> OsProcessProbe::ResidentBytes(int pid) const {
  const std::uint64_t bytes =
      MemInfoBytes(ReadAll(proc_ / std::to_string(pid) / "status"), "VmRSS");
  return bytes == 0 ? std::nullopt : std::optional<std::uint64_t>(bytes);
}

std::optional<std::uint64_t> OsProcessProbe::OutOfMemoryKills() const {
  const std::filesystem::path group = cgroup_ / OwnGroup(ReadAll(proc_ / "self" / "cgroup"));
  const std::optional<std::uint64_t> of_group =
      NumberOf(ReadAll(group / "memory.events"), "oom_kill");
  return of_group.has_value() ? of_group : NumberOf(ReadAll(proc_ / "vmstat"), "oom_kill");
}

}  // namespace flotilla::agent

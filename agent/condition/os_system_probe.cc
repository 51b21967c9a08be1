#include "agent/condition/os_system_probe.h"

#include <sys/statvfs.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

namespace flotilla::agent {
namespace {

// Name in /proc/cpuinfo, name on the wire.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kFeatures = {{
    {"avx2", "avx2"},
    {"avx512f", "avx512f"},
    {"f16c", "f16c"},
    {"fma", "fma"},
    {"asimd", "neon"},
    {"asimddp", "dotprod"},
    {"i8mm", "i8mm"},
}};

// Files of /proc have no size to ask for.
std::string ReadProc(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string FeatureLine(const std::string& cpuinfo) {
  std::istringstream lines(cpuinfo);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with("flags") || line.starts_with("Features")) {
      return line.substr(std::min(line.find(':') + 1, line.size()));
    }
  }
  return "";
}

}  // namespace

std::uint64_t MemInfoBytes(const std::string& meminfo, const std::string& name) {
  std::istringstream words(meminfo);
  std::string word;
  while (words >> word) {
    if (word == name + ":") {
      std::uint64_t kibibytes = 0;
      words >> kibibytes;
      return kibibytes * 1024;
    }
  }
  return 0;
}

std::vector<std::string> KnownCpuFeatures(const std::string& cpuinfo) {
  std::istringstream words(FeatureLine(cpuinfo));
  std::vector<std::string> found;
  std::string word;
  while (words >> word) {
    for (const auto& [kernel_name, name] : kFeatures) {
      if (word == kernel_name) {
        found.emplace_back(name);
      }
    }
  }
  return found;
}

OsSystemProbe::OsSystemProbe(std::filesystem::path state_dir) : state_dir_(std::move(state_dir)) {}

std::string OsSystemProbe::Arch() const {
  utsname name{};
  return ::uname(&name) == 0 ? std::string(name.machine) : std::string();
}

std::uint32_t OsSystemProbe::Cores() const {
  return std::thread::hardware_concurrency();
}

std::uint64_t OsSystemProbe::MemoryBytes() const {
  return MemInfoBytes(ReadProc("/proc/meminfo"), "MemTotal");
}

std::uint64_t OsSystemProbe::MemoryAvailableBytes() const {
  return MemInfoBytes(ReadProc("/proc/meminfo"), "MemAvailable");
}

std::vector<std::string> OsSystemProbe::CpuFeatures() const {
  return KnownCpuFeatures(ReadProc("/proc/cpuinfo"));
}

DiskState OsSystemProbe::Disk() const {
  struct statvfs info {};
  if (::statvfs(state_dir_.c_str(), &info) != 0) {
    return {};
  }
  return {info.f_blocks * info.f_frsize, info.f_bavail * info.f_frsize,
          (info.f_flag & ST_RDONLY) != 0};
}

}  // namespace flotilla::agent

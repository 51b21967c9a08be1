#include "base/os_machine.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

namespace flotilla {
namespace {

// Of this process's own group and of every one above it the lowest counts; "max" is none.
std::uint64_t ControlGroupLimit() {
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::/")) {
      continue;
    }
    std::string path = line.substr(3);
    while (true) {
      std::ifstream file("/sys/fs/cgroup" + path + "/memory.max");
      std::uint64_t limit = 0;
      if (file >> limit) {
        lowest = std::min(lowest, limit);
      }
      if (path.empty() || path == "/") {
        break;
      }
      path.erase(path.rfind('/'));
    }
  }
  return lowest;
}

}  // namespace

unsigned CoresOfMachine() {
  return std::max(1U, std::thread::hardware_concurrency());
}

std::uint64_t MemoryOfMachine() {
  const auto pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return std::min(pages * page_bytes, ControlGroupLimit());
}

}  // namespace flotilla

#include "base/os_machine.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"

#include "base/control_group.h"

namespace flotilla {
namespace {

// Empty when it cannot be read.
std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Of this process's own group and of every one above it the lowest limit counts.
template <typename Parse>
auto LowestLimit(const char* file, Parse parse) {
  decltype(parse("")) lowest;
  for (const std::string& group : ControlGroups(TextOf("/proc/self/cgroup"))) {
    const auto limit = parse(TextOf(absl::StrCat("/sys/fs/cgroup", group, "/", file)));
    if (limit.has_value() && (!lowest.has_value() || *limit < *lowest)) {
      lowest = limit;
    }
  }
  return lowest;
}

// By the affinity of this thread, which is the process's own unless it has set another.
unsigned RunnableCores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) {
    return std::max(1U, std::thread::hardware_concurrency());  // more than fit into the set
  }
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&cores)));
}

}  // namespace

unsigned CoresOfMachine() {
  return WholeCores(RunnableCores(), LowestLimit("cpu.max", CoresOfCpuMax));
}

std::uint64_t MemoryOfMachine() {
  const auto pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return std::min(pages * page_bytes,
                  LowestLimit("memory.max", BytesOfMemoryMax).value_or(pages * page_bytes));
}

}  // namespace flotilla

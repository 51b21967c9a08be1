#include "agent/condition/cold_pages.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace flotilla::agent {
namespace {

struct Mapping {
  std::uintptr_t start = 0;
  std::uintptr_t end = 0;
  bool droppable = false;
};

// "7f00-7f10 r-xp 00000000 fe:00 1234 /usr/lib/libx.so"; false for a line of another form.
bool ParseHead(const std::string& line, Mapping& mapping) {
  std::istringstream words(line);
  std::string permissions;
  std::string offset;
  std::string device;
  std::uint64_t inode = 0;
  char dash = 0;
  words >> std::hex >> mapping.start >> dash >> mapping.end >> permissions >> offset >> device >>
      std::dec >> inode;
  if (words.fail() || dash != '-' || permissions.size() != 4) {
    return false;
  }
  mapping.droppable = permissions[0] == 'r' && permissions[1] == '-' && inode != 0;
  return true;
}

// Mappings of the process that hold nothing but pages of a file.
std::vector<Mapping> CleanFileMappings(std::istream& smaps) {
  std::vector<Mapping> clean;
  Mapping current;
  for (std::string line; std::getline(smaps, line);) {
    Mapping next;
    if (ParseHead(line, next)) {
      current = next;
    } else if (current.droppable && line.starts_with("Anonymous:")) {
      std::istringstream words(line.substr(sizeof "Anonymous:" - 1));
      std::uint64_t own_kb = 1;
      words >> own_kb;
      if (!words.fail() && own_kb == 0) {
        clean.push_back(current);
      }
    }
  }
  return clean;
}

}  // namespace

Status ReleaseColdPages() {
  std::ifstream smaps("/proc/self/smaps");
  if (!smaps) {
    return Unavailable("/proc/self/smaps cannot be read");
  }
  for (const Mapping& mapping : CleanFileMappings(smaps)) {
    // A mapping that refuses (locked, gone) keeps its pages; nothing depends on it.
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel tells addresses as text
    auto* const start = reinterpret_cast<void*>(mapping.start);
    ::madvise(start, mapping.end - mapping.start, MADV_DONTNEED);
  }
  ::malloc_trim(0);
  return OkStatus();
}

}  // namespace flotilla::agent

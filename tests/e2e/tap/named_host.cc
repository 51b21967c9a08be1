// In tapped programs the machine is called what FLOTILLA_TAP_HOST_NAME says: a test plants a word
// there without a namespace of its own, which not every place allows.
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace {

const char* Planted() {
  return std::getenv("FLOTILLA_TAP_HOST_NAME");  // NOLINT(concurrency-mt-unsafe): nobody sets it
}

}  // namespace

extern "C" {

int uname(utsname* name) noexcept {
  const long result = ::syscall(SYS_uname, name);
  if (result == 0 && Planted() != nullptr) {
    std::strncpy(name->nodename, Planted(), sizeof(name->nodename) - 1);
  }
  return static_cast<int>(result);
}

int gethostname(char* name, std::size_t size) noexcept {
  utsname machine{};
  const int result = uname(&machine);
  if (result != 0) {
    return result;
  }
  if (std::strlen(machine.nodename) >= size) {
    errno = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(name, machine.nodename, std::strlen(machine.nodename) + 1);
  return 0;
}

}  // extern "C"

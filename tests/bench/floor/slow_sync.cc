// A disk that takes its time, for LD_PRELOAD: fsync and fdatasync last at least
// FLOTILLA_SYNC_MICROS microseconds. Each calls the C library's and sleeps for what is missing; a
// disk that is slower by itself is left as it is, and so is every disk without that variable. An
// error comes back at once, with its errno. Threads and processes that sync at the same time each
// wait their own time: the disk serves them all at once, as one with a deep queue does. These two
// are how SQLite (fdatasync alone) and PostgreSQL (fdatasync for its log by default, fsync for
// tables) reach the disk; sync_file_range, which PostgreSQL calls too, only starts writing. Needs
// no C++ library: it is loaded into servers that have none.

#include <dlfcn.h>
#include <time.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace {

using Sync = int (*)(int);

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kNanosPerMicro = 1'000;

struct Disk {
  Sync fsync = nullptr;
  Sync fdatasync = nullptr;
  std::int64_t least_nanos = 0;
};

// Written before main, when there is one thread.
constinit Disk disk;

__attribute__((constructor)) void Prepare() {
  disk.fsync = reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, "fsync"));
  disk.fdatasync = reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, "fdatasync"));
  const char* const micros = std::getenv("FLOTILLA_SYNC_MICROS");
  disk.least_nanos = micros == nullptr ? 0 : std::atoll(micros) * kNanosPerMicro;
}

void SleepUntil(const timespec& start, std::int64_t nanos) {
  const std::int64_t end = start.tv_nsec + nanos;
  const timespec until{.tv_sec = start.tv_sec + end / kNanosPerSecond,
                       .tv_nsec = end % kNanosPerSecond};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

int AtLeast(Sync Disk::*real, int fd) {
  if (disk.*real == nullptr) {
    Prepare();  // another library's constructor came first
  }
  timespec start{};
  ::clock_gettime(CLOCK_MONOTONIC, &start);
  const int result = (disk.*real)(fd);
  if (result == 0 && disk.least_nanos > 0) {
    const int before = errno;
    SleepUntil(start, disk.least_nanos);
    errno = before;
  }
  return result;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int fsync(int fd) {
  return AtLeast(&Disk::fsync, fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd) {
  return AtLeast(&Disk::fdatasync, fd);
}
}

// How much of the disk is free is told to the fleet as it is; what else this machine writes must
// not tell two runs apart.
#include <sys/statvfs.h>

#include <cstring>

extern "C" int statvfs(const char* /*path*/, struct statvfs* info) noexcept {
  std::memset(info, 0, sizeof(*info));
  info->f_bsize = 4096;
  info->f_frsize = 4096;
  info->f_blocks = 1U << 24U;
  info->f_bfree = 1U << 23U;
  info->f_bavail = 1U << 23U;
  info->f_namemax = 255;
  return 0;
}

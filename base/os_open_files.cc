#include "base/os_open_files.h"

#include <sys/resource.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace flotilla {

std::uint64_t OpenFileLimit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

StatusOr<std::uint64_t> RaiseOpenFileLimit(std::uint64_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
    // Past the hard limit with the privilege for it, else up to it.
    const rlimit raised{wanted, std::max<rlim_t>(wanted, limit.rlim_max)};
    if (setrlimit(RLIMIT_NOFILE, &raised) != 0) {
      const rlimit most{std::min<rlim_t>(wanted, limit.rlim_max), limit.rlim_max};
      setrlimit(RLIMIT_NOFILE, &most);
    }
  }
  const std::uint64_t now = OpenFileLimit();
  if (now < wanted) {
    return ResourceExhausted(
        absl::StrCat("at most ", now, " open files, ", wanted,
                     " wanted: raise the hard limit (LimitNOFILE= of the unit, or `ulimit -Hn`)"));
  }
  return now;
}

}  // namespace flotilla

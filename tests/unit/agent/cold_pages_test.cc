#include "agent/condition/cold_pages.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr std::size_t kLength = 16U << 20U;

std::int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  statm >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

class ColdPages : public testing::Test {
 protected:
  ColdPages() {
    const auto path = folder_.path() / "text";
    std::ofstream(path) << std::string(kLength, 't');
    fd_.Reset(::open(path.c_str(), O_RDONLY));
  }
  unsigned char* Map(int protection) {
    void* const memory =
        ::mmap(nullptr, kLength, protection, MAP_PRIVATE | MAP_POPULATE, fd_.get(), 0);
    EXPECT_NE(memory, MAP_FAILED);
    return static_cast<unsigned char*>(memory);
  }
  TempDir folder_;
  UniqueFd fd_;
};

TEST_F(ColdPages, OfAFileLeaveMemoryAndComeBackWhenRead) {
  const unsigned char* const text = Map(PROT_READ);
  const std::int64_t before = ResidentBytes();
  ASSERT_TRUE(ReleaseColdPages().ok());
  EXPECT_LT(ResidentBytes(), before - static_cast<std::int64_t>(kLength) / 2);
  for (std::size_t i = 0; i < kLength; i += 4096) {
    ASSERT_EQ(text[i], 't');
  }
}

TEST_F(ColdPages, KeepWhatTheProcessWroteIntoThemBeforeTheyWereSealed) {
  unsigned char* const relocated = Map(PROT_READ | PROT_WRITE);
  relocated[kLength / 2] = 'w';
  ASSERT_EQ(::mprotect(relocated, kLength, PROT_READ), 0);
  ASSERT_TRUE(ReleaseColdPages().ok());
  EXPECT_EQ(relocated[kLength / 2], 'w');
}

}  // namespace
}  // namespace flotilla::agent

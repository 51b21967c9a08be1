// Runs every file of the named corpus folders once through LLVMFuzzerTestOneInput, so that a corpus
// is an ordinary test where libFuzzer is not linked. Exit 1 when a folder cannot be read or holds
// no file.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <tuple>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

bool Replay(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file),
                                std::istreambuf_iterator<char>()};
  if (file.bad()) return false;
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return true;
}

// Number of files replayed, or -1 when one could not be read.
int ReplayFolder(const fs::path& folder) {
  int count = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_regular_file(error)) continue;
    std::ignore = std::fprintf(stderr, "%s\n",
                               it->path().c_str());  // the last line names the file that crashed
    if (!Replay(it->path())) return -1;
    ++count;
  }
  return error ? -1 : count;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const int count = ReplayFolder(argv[i]);
    if (count <= 0) {
      std::ignore = std::fprintf(stderr, "%s: %s\n", argv[i],
                                 count == 0 ? "no corpus file" : "cannot be read");
      return 1;
    }
    std::ignore = std::fprintf(stderr, "%s: %d inputs\n", argv[i], count);
  }
  return argc > 1 ? 0 : 1;
}

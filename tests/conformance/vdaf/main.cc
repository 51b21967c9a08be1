// vdaf_vectors DIR: runs every known-answer vector of Prio3Count, Prio3Histogram and TurboSHAKE128
// in a folder. Prints a line per failure and "N passed, M failed". Exit 0: all passed; 1: a
// mismatch; 2: no folder, nothing to run, or a file that cannot be read.
#include <cstdio>
#include <exception>
#include <tuple>

#include "tests/conformance/vdaf/vector_folder.h"

int main(int argc, char** argv) {
  using flotilla::conformance::FolderResult;
  try {
    if (argc != 2) {
      std::ignore = std::fputs("usage: vdaf_vectors DIR\n", stderr);
      return static_cast<int>(FolderResult::kUnreadable);
    }
    const auto report = flotilla::conformance::ReplayFolder(argv[1]);
    const bool ran = report.passed + report.failed > 0;
    std::ignore = std::fputs(report.text.c_str(), ran ? stdout : stderr);
    return static_cast<int>(report.result);
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "vdaf_vectors: %s\n", error.what());
    return static_cast<int>(FolderResult::kUnreadable);
  }
}

// Runs every known-answer vector of a folder; the program vdaf_vectors.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VDAF_VECTOR_FOLDER_H_
#define FLOTILLA_TESTS_CONFORMANCE_VDAF_VECTOR_FOLDER_H_

#include <filesystem>
#include <string>

namespace flotilla::conformance {

// What the program ends with.
enum class FolderResult : int { kPassed = 0, kMismatch = 1, kUnreadable = 2 };

struct FolderReport {
  FolderResult result = FolderResult::kPassed;
  int passed = 0;  // files
  int failed = 0;
  int skipped = 0;
  std::string text;  // one line per failure, then the count
};

// Files *.json, in the order of their names, by the beginning of the name: Prio3Count_,
// Prio3Histogram_, XofTurboShake128, turboshake128. Others are named as skipped. kMismatch where a
// vector gave another answer; else kUnreadable where a file could not be read, or no vector was
// run.
FolderReport ReplayFolder(const std::filesystem::path& folder);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VDAF_VECTOR_FOLDER_H_

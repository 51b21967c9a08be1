#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/conformance/vdaf/own_vectors.h"
#include "tests/conformance/vdaf/vector_folder.h"
#include "tests/support/temp_dir.h"

namespace flotilla::conformance {
namespace {

namespace fs = std::filesystem;

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void WriteText(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void ReplaceOnce(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), with);
}

// The folder of the public vectors; empty where it does not exist.
fs::path PublicVectors() {
  const char* named = std::getenv("FLOTILLA_VECTORS");  // NOLINT(concurrency-mt-unsafe): one thread
  const fs::path root = named != nullptr ? fs::path(named) : fs::path(FLOTILLA_PUBLIC_VECTORS);
  return fs::is_directory(root / "vdaf") ? root / "vdaf" : fs::path();
}

TEST(VdafVectors, ThePublicKnownAnswersAreGiven) {
  const fs::path folder = PublicVectors();
  if (folder.empty()) {
    GTEST_SKIP() << "NOT CHECKED: the public vectors are neither at " << FLOTILLA_PUBLIC_VECTORS
                 << " nor at $FLOTILLA_VECTORS; only the project's own were replayed";
  }
  const FolderReport report = ReplayFolder(folder);
  EXPECT_EQ(report.result, FolderResult::kPassed) << report.text;
  EXPECT_GT(report.passed, 0) << report.text;
}

TEST(VdafVectors, TheProjectsOwnKnownAnswersAreGiven) {
  const FolderReport report = ReplayFolder(FLOTILLA_VDAF_REGRESSION);
  EXPECT_EQ(report.result, FolderResult::kPassed) << report.text;
  EXPECT_GE(report.passed, 26) << report.text;
}

TEST(VdafVectors, TheProjectsOwnFilesAreWhatTheCodeWrites) {
  const auto made = MakeOwnVectors();
  ASSERT_TRUE(made.ok()) << made.status();
  for (const auto& [name, text] : *made) {
    EXPECT_EQ(ReadText(fs::path(FLOTILLA_VDAF_REGRESSION) / name), text) << name;
  }
}

class VectorFolder : public ::testing::Test {
 protected:
  // A copy of one of our vectors, with one text replaced.
  void Put(const std::string& name, const std::string& what, const std::string& with) {
    std::string text = ReadText(fs::path(FLOTILLA_VDAF_REGRESSION) / name);
    ReplaceOnce(text, what, with);
    WriteText(dir_.path() / name, text);
  }

  TempDir dir_;
};

TEST_F(VectorFolder, AnyChangedValueIsAMismatch) {
  const std::string name = "Prio3Histogram_own_5.json";
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"\"measurement\":4", "\"measurement\":3"},
           {"[0,0,0,0,1]", "[0,0,0,1,0]"},
           {"\"verify_key\":\"ff", "\"verify_key\":\"fe"},
           {"\"ctx\":\"66", "\"ctx\":\"67"},
           {"\"rand\":\"", "\"rand\":\"00"},
           {"\"nonce\":\"00", "\"nonce\":\"01"},
           {"\"chunk_length\":2", "\"chunk_length\":3"},
           {"\"shares\":2", "\"shares\":3"},
           {"\"operation\":\"unshard\"", "\"operation\":\"shuffle\""},
           {"\"success\":true", "\"success\":false"}}) {
    Put(name, what, with);
    const FolderReport report = ReplayFolder(dir_.path());
    EXPECT_EQ(report.result, FolderResult::kMismatch) << what << report.text;
    EXPECT_TRUE(report.text.ends_with("0 passed, 1 failed\n")) << report.text;
  }
}

TEST_F(VectorFolder, AnOperationThatMustFailAndDoesNotIsAMismatch) {
  Put("Prio3Histogram_own_bad_helper_blind.json", "\"success\":false", "\"success\":true");
  EXPECT_EQ(ReplayFolder(dir_.path()).result, FolderResult::kMismatch);
}

TEST_F(VectorFolder, AMissingOrEmptyFolderAndABrokenFileAreNoSuccess) {
  EXPECT_EQ(ReplayFolder(dir_.path() / "absent").result, FolderResult::kUnreadable);
  EXPECT_EQ(ReplayFolder(dir_.path()).result, FolderResult::kUnreadable);
  WriteText(dir_.path() / "Prio3Count_7.json", "{\"shares\":2");
  EXPECT_EQ(ReplayFolder(dir_.path()).result, FolderResult::kUnreadable);
  WriteText(dir_.path() / "Prio3Count_7.json", "{\"shares\":2}");
  EXPECT_EQ(ReplayFolder(dir_.path()).result, FolderResult::kUnreadable);
}

TEST_F(VectorFolder, VectorsOfAnotherKindAreNamedAsSkippedAndDoNotCount) {
  WriteText(dir_.path() / "Prio3Sum_0.json", "{}");
  FolderReport report = ReplayFolder(dir_.path());
  EXPECT_EQ(report.result, FolderResult::kUnreadable) << "nothing was run";
  Put("Prio3Count_own_four.json", "\"shares\":4", "\"shares\":4");
  report = ReplayFolder(dir_.path());
  EXPECT_EQ(report.result, FolderResult::kPassed) << report.text;
  EXPECT_EQ(report.text,
            "SKIPPED Prio3Sum_0.json: skipped, not implemented here\n1 passed, 0 failed\n");
}

}  // namespace
}  // namespace flotilla::conformance

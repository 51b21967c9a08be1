#include "tests/conformance/hpke/hpke_check.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "base/file.h"
#include "tests/conformance/vectors/shared_vectors.h"
#include "tests/conformance/vectors/vector_folder.h"
#include "tests/support/temp_dir.h"

namespace flotilla::conformance {
namespace {

constexpr const char* kRoot = SOURCE_ROOT;
constexpr const char* kRegression = SOURCE_ROOT "/tests/conformance/hpke/regression";

boost::json::array Regression() {
  const Bytes bytes = ReadFile(std::filesystem::path(kRegression) / "base.json", 1U << 20U).value();
  return ParseVectorJson(AsText(bytes)).value().as_array();
}

// Flips a bit of the first byte of a hex text.
void Spoil(boost::json::value& text) {
  Bytes bytes = HexDecode(std::string(text.as_string())).value();
  bytes.front() ^= 1U;
  text = HexEncode(bytes);
}

TEST(HpkeVectors, TheProjectsOwnReplay) {
  std::ostringstream out;
  EXPECT_EQ(RunVectorFolder(kRegression, CheckHpkeEntry, out), 0) << out.str();
}

TEST(HpkeVectors, ThoseOfRfc9180Pass) {
  const std::filesystem::path folder = SharedVectors(kRoot, "hpke");
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "RFC 9180's vectors are not here: set FLOTILLA_VECTORS to the folder of hpke/";
  }
  std::ostringstream out;
  EXPECT_EQ(RunVectorFolder(folder, CheckHpkeEntry, out), 0) << out.str();
}

TEST(HpkeVectors, AnyChangedValueFails) {
  const boost::json::object good = Regression().front().as_object();
  ASSERT_EQ(CheckHpkeEntry(good).verdict, Verdict::kPassed);
  for (const char* const name :
       {"ikmE", "ikmR", "pkEm", "pkRm", "skEm", "skRm", "enc", "info", "key", "shared_secret",
        "base_nonce", "exporter_secret", "key_schedule_context"}) {
    boost::json::object bad = good;
    Spoil(bad.at(name));
    EXPECT_EQ(CheckHpkeEntry(bad).verdict, Verdict::kFailed) << name;
  }
  for (const char* const name : {"aad", "pt", "ct", "nonce"}) {
    boost::json::object bad = good;
    Spoil(bad.at("encryptions").as_array().back().as_object().at(name));
    EXPECT_EQ(CheckHpkeEntry(bad).verdict, Verdict::kFailed) << name;
  }
  boost::json::object bad = good;
  Spoil(bad.at("exports").as_array().back().as_object().at("exported_value"));
  EXPECT_EQ(CheckHpkeEntry(bad).verdict, Verdict::kFailed);
}

TEST(HpkeVectors, OtherModesAndSuitesAreSkippedAndAnEntryWithoutASuiteFails) {
  const boost::json::object good = Regression().front().as_object();
  for (const char* const name : {"mode", "kem_id", "kdf_id", "aead_id"}) {
    boost::json::object other = good;
    other[name] = 3;
    EXPECT_EQ(CheckHpkeEntry(other).verdict, Verdict::kSkipped) << name;
    other.erase(name);
    EXPECT_EQ(CheckHpkeEntry(other).verdict, Verdict::kFailed) << name;
  }
}

TEST(VectorFolder, ExitsWithTwoWhenThereIsNothingToRead) {
  const TempDir dir;
  std::ostringstream out;
  EXPECT_EQ(RunVectorFolder(dir.path(), CheckHpkeEntry, out), 2);
  EXPECT_EQ(RunVectorFolder(dir.path() / "absent", CheckHpkeEntry, out), 2);
}

TEST(VectorFolder, ExitsWithOneForAMismatchAndForAFileThatIsNoJson) {
  const TempDir dir;
  const auto write = [&dir](const std::string& text) {
    std::ofstream(dir.path() / "a.json") << text;
    std::ostringstream out;
    const int code = RunVectorFolder(dir.path(), CheckHpkeEntry, out);
    return std::to_string(code) + " " +
           out.str().substr(out.str().rfind('\n', out.str().size() - 2) + 1);
  };
  EXPECT_EQ(write("{"), "1 0 passed, 1 failed\n");
  EXPECT_EQ(write("[]"), "1 0 passed, 1 failed\n");
  EXPECT_EQ(write("[{}, 3]"), "1 0 passed, 2 failed\n");
  EXPECT_EQ(write(R"([{"mode":3,"kem_id":32,"kdf_id":1,"aead_id":1}])"),
            "0 0 passed, 0 failed, 1 skipped\n");
  boost::json::array both = Regression();
  const std::size_t good = both.size();
  Spoil(both.back().as_object().at("enc"));
  EXPECT_EQ(write(boost::json::serialize(both)),
            "1 " + std::to_string(good - 1) + " passed, 1 failed\n");
}

TEST(VectorFolder, KeepsEveryDigitOfALongInteger) {
  const auto value =
      ParseVectorJson(R"({"a":[-12345678901234567890123, 7, "\"x, 99999999999999999999"]})")
          .value();
  const boost::json::array& list = value.as_object().at("a").as_array();
  EXPECT_EQ(DigitsOf(list[0]).value(), "-12345678901234567890123");
  EXPECT_EQ(DigitsOf(list[1]).value(), "7");
  EXPECT_EQ(list[2].as_string(), "\"x, 99999999999999999999");
  EXPECT_FALSE(DigitsOf(list[2]).ok());
}

}  // namespace
}  // namespace flotilla::conformance

#include <filesystem>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "base/file.h"
#include "tests/conformance/gauss/gauss_check.h"
#include "tests/conformance/vectors/shared_vectors.h"

namespace flotilla::conformance {
namespace {

constexpr const char* kRoot = SOURCE_ROOT;
constexpr const char* kRegression = SOURCE_ROOT "/tests/conformance/gauss/regression";

TEST(DiscreteGaussVectors, TheProjectsOwnReplay) {
  std::ostringstream out;
  EXPECT_EQ(RunVectorFolder(kRegression, CheckGaussEntry, out), 0) << out.str();
}

TEST(DiscreteGaussVectors, TheSharedOnesPass) {
  const std::filesystem::path folder = SharedVectors(kRoot, "discrete_gauss");
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP()
        << "the vectors of the discrete Gaussian are not here: set FLOTILLA_VECTORS to the "
           "folder of discrete_gauss/";
  }
  std::ostringstream out;
  EXPECT_EQ(RunVectorFolder(folder, CheckGaussEntry, out), 0) << out.str();
}

TEST(DiscreteGaussVectors, AnyChangedValueFails) {
  const Bytes bytes =
      ReadFile(std::filesystem::path(kRegression) / "sigma_3.json", 1U << 20U).value();
  const boost::json::object good = ParseVectorJson(AsText(bytes)).value().as_object();
  ASSERT_EQ(CheckGaussEntry(good).verdict, Verdict::kPassed);
  boost::json::object bad = good;
  bad["std_num"] = 4;
  EXPECT_EQ(CheckGaussEntry(bad).verdict, Verdict::kFailed);
  bad = good;
  bad.at("samples").as_array().back() = 1'000;
  EXPECT_EQ(CheckGaussEntry(bad).verdict, Verdict::kFailed);
  for (const char* const name : {"seed", "std_num", "std_denom", "samples"}) {
    bad = good;
    bad.erase(name);
    EXPECT_EQ(CheckGaussEntry(bad).verdict, Verdict::kFailed) << name;
  }
  bad = good;
  bad["std_denom"] = 0;
  EXPECT_EQ(CheckGaussEntry(bad).verdict, Verdict::kFailed);
}

}  // namespace
}  // namespace flotilla::conformance

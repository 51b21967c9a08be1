#include "fleetctl/release/release_plan.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/sha256.h"
#include "tests/support/temp_dir.h"

namespace flotilla::fleetctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReleasePlan : public testing::Test {
 protected:
  std::filesystem::path Write(const std::string& name, std::string_view text) {
    std::ofstream(dir_.path() / name) << text;
    return dir_.path() / name;
  }
  ReleaseSpec Spec() {
    ReleaseSpec spec;
    spec.line = ModelLine::Parse("pump").value();
    spec.version = "1.0.0";
    spec.release_counter = 4;
    spec.variants = {{.name = "q8",
                      .file = Write("model.gguf", "model bytes"),
                      .hardware = {},
                      .min_ram_mb = 0}};
    spec.golden = Write("golden.jsonl", "{\"prompt\":\"a\",\"expected\":\"b\"}\n\n");
    spec.golden_floor_percent = 70;
    return spec;
  }

  TempDir dir_;
};

TEST_F(ReleasePlan, NamesEveryTargetAndPutsTheDocumentLast) {
  const auto targets = PlanRelease(Spec());
  ASSERT_TRUE(targets.ok()) << targets.status();
  std::vector<std::string> paths;
  for (const PlannedTarget& planned : *targets) {
    paths.push_back(planned.target.path);
  }
  EXPECT_THAT(paths, ElementsAre("models-pump/1.0.0.golden.jsonl", "models-pump/1.0.0-q8.map",
                                 "models-pump/1.0.0-q8.gguf", "models-pump/1.0.0.release.json"));
  const auto document = ota::ParseReleaseDocument(targets->back().content);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->release_counter, 4U);
  EXPECT_EQ(document->golden->floor_percent, 70U);
  EXPECT_EQ(document->variants.front().model().target.sha256,
            security::Sha256(AsBytes("model bytes")));
}

TEST_F(ReleasePlan, RefusesGoldenPromptsThatAreNone) {
  ReleaseSpec spec = Spec();
  spec.golden = Write("bad.jsonl", "{\"prompt\":\"a\",\"expected\":\"b\"}\n{\"prompt\":\"a\"}\n");
  const Status status = PlanRelease(spec).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(MessageOf(status), HasSubstr("bad.jsonl:2"));
}

TEST_F(ReleasePlan, ReportsAMissingModel) {
  ReleaseSpec spec = Spec();
  spec.variants.front().file = dir_.path() / "none.gguf";
  EXPECT_EQ(PlanRelease(spec).status().code(), StatusCode::kNotFound);
}

TEST_F(ReleasePlan, CountsReleasesUpAndNeverReplacesAVersion) {
  tuf::Draft role = tuf::Draft::New(tuf::RoleType::kTargets, absl::UnixEpoch());
  EXPECT_EQ(NextReleaseCounter(role), 1U);
  const ReleaseSpec spec = Spec();
  const auto targets = PlanRelease(spec);
  ASSERT_TRUE(targets.ok());
  ASSERT_TRUE(AddTargets(role, spec, *targets).ok());
  EXPECT_EQ(NextReleaseCounter(role), 5U);
  EXPECT_TRUE(AddTargets(role, spec, *targets).ok());
  Write("model.gguf", "other bytes");
  EXPECT_EQ(AddTargets(role, spec, PlanRelease(spec).value()).code(), StatusCode::kAlreadyExists);
}

TEST(NamedOptions, AreNameAndValueOnce) {
  EXPECT_EQ(ParseNamed({"a=1", "b=x=y"})->at("b"), "x=y");
  EXPECT_FALSE(ParseNamed({"a"}).ok());
  EXPECT_FALSE(ParseNamed({"=a"}).ok());
  EXPECT_FALSE(ParseNamed({"a=1", "a=2"}).ok());
}

}  // namespace
}  // namespace flotilla::fleetctl

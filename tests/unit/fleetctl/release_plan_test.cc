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

std::vector<std::string> PathsOf(const std::vector<PlannedTarget>& targets) {
  std::vector<std::string> paths;
  paths.reserve(targets.size());
  for (const PlannedTarget& planned : targets) {
    paths.push_back(planned.target.path);
  }
  return paths;
}

TEST_F(ReleasePlan, GivesEveryVariantTheAdaptersAndTheTemplate) {
  ReleaseSpec spec = Spec();
  const std::filesystem::path demo = FLOTILLA_DEMO_DIR;
  spec.variants.front().file = demo / "plant-slm-v3-regressed-q8_0.gguf";
  spec.adapters = {{"repair", demo / "plant-slm-v3-repair-lora.gguf", 800}};
  spec.chat_template = Write("chat.txt", "chatml");
  const auto targets = PlanRelease(spec);
  ASSERT_TRUE(targets.ok()) << targets.status();
  EXPECT_THAT(PathsOf(*targets),
              ElementsAre("models-pump/1.0.0.golden.jsonl", "models-pump/1.0.0-q8.map",
                          "models-pump/1.0.0-q8.gguf", "models-pump/1.0.0.repair.lora.map",
                          "models-pump/1.0.0.repair.lora.gguf",
                          "models-pump/1.0.0.chat_template.txt", "models-pump/1.0.0.release.json"));
  const auto document = ota::ParseReleaseDocument(targets->back().content);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_THAT(document->required, ElementsAre("adapter", "chat_template"));
  const ota::ReleaseVariant& variant = document->variants.front();
  EXPECT_EQ(variant.quantisation, "q8_0");
  EXPECT_EQ(variant.context_bytes, 512U * 1024U);
  ASSERT_EQ(variant.files.size(), 3U);
  EXPECT_EQ(variant.files[1].name, "repair");
  EXPECT_EQ(variant.files[1].scale_milli, 800U);
  EXPECT_EQ(variant.files[2].kind, "chat_template");
}

TEST_F(ReleasePlan, TakesFromABaseAllButItsAdapters) {
  ReleaseSpec first = Spec();
  const std::filesystem::path demo = FLOTILLA_DEMO_DIR;
  first.variants.front().file = demo / "plant-slm-v3-regressed-q8_0.gguf";
  first.adapters = {{"old", demo / "plant-slm-v3-repair-lora.gguf", 1000}};
  first.chat_template = Write("chat.txt", "chatml");
  const auto before = PlanRelease(first);
  ASSERT_TRUE(before.ok()) << before.status();
  ReleaseSpec spec;
  spec.line = first.line;
  spec.version = "1.1.0";
  spec.release_counter = 5;
  spec.base = ota::ParseReleaseDocument(before->back().content).value();
  spec.adapters = {{"repair", demo / "plant-slm-v3-repair-lora.gguf", 1000}};
  const auto targets = PlanRelease(spec);
  ASSERT_TRUE(targets.ok()) << targets.status();
  EXPECT_THAT(PathsOf(*targets),
              ElementsAre("models-pump/1.1.0.repair.lora.map", "models-pump/1.1.0.repair.lora.gguf",
                          "models-pump/1.1.0.release.json"));
  const auto document = ota::ParseReleaseDocument(targets->back().content);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->golden, spec.base->golden);
  const ota::ReleaseVariant& variant = document->variants.front();
  EXPECT_EQ(variant.model(), spec.base->variants.front().model());
  ASSERT_EQ(variant.files.size(), 3U);
  EXPECT_EQ(variant.files[1].kind, "chat_template");
  EXPECT_EQ(variant.files[2].name, "repair");
}

TEST_F(ReleasePlan, RefusesAnAdapterThatDoesNotFitItsModel) {
  ReleaseSpec spec = Spec();
  const std::filesystem::path demo = FLOTILLA_DEMO_DIR;
  spec.variants.front().file = demo / "plant-slm-v2-q8_0.gguf";
  spec.adapters = {{"a", demo / "plant-slm-v1-q8_0.gguf", 1000}};
  const Status status = PlanRelease(spec).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(MessageOf(status), HasSubstr("general.type"));
}

TEST(AdapterOption, IsANameAFileAndAScale) {
  EXPECT_EQ(ParseAdapter("fr=a.gguf")->scale_milli, 1000U);
  EXPECT_EQ(ParseAdapter("fr=a.gguf:0.75")->scale_milli, 750U);
  EXPECT_EQ(ParseAdapter("fr=a.gguf:4")->scale_milli, 4000U);
  EXPECT_EQ(ParseAdapter("fr=a.gguf:0")->scale_milli, 0U);
  EXPECT_EQ(ParseAdapter("fr=dir:x/a.gguf")->file, "dir:x/a.gguf");
  for (const char* bad : {"fr", "=a.gguf", "fr=", "fr=a.gguf:4.001", "fr=a.gguf:-1",
                          "fr=a.gguf:0.0001", "fr=a.gguf:nan"}) {
    EXPECT_FALSE(ParseAdapter(bad).ok()) << bad;
  }
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

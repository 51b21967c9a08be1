#include "fleetctl/rollout/spec_options.h"

#include <gtest/gtest.h>

namespace flotilla::fleetctl {
namespace {

SpecOptions Minimal() {
  SpecOptions options;
  options.line = "pump";
  options.version = "2.0.0";
  return options;
}

void ExpectRefused(const SpecOptions& options, const std::string& word) {
  const Status status = SpecFromOptions(options).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(status).find(word), std::string::npos) << status;
}

TEST(SpecOptions, LeavesTheDefaultsToTheController) {
  const auto spec = SpecFromOptions(Minimal());
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "pump-2.0.0");
  EXPECT_EQ(spec->strategy().waves_size(), 0);
}

TEST(SpecOptions, ReadsWavesGateSoakAndTrial) {
  SpecOptions options = Minimal();
  options.waves = "1,10%,rest";
  options.gate = "manual";
  options.soak = "5s";
  options.trial = "2s";
  const auto spec = SpecFromOptions(options);
  ASSERT_TRUE(spec.ok()) << spec.status();
  const v1::Strategy& strategy = spec->strategy();
  ASSERT_EQ(strategy.waves_size(), 3);
  EXPECT_EQ(strategy.waves(0).count(), 1U);
  EXPECT_EQ(strategy.waves(0).gate(), v1::GATE_AUTO) << "start itself opens the first wave";
  EXPECT_EQ(strategy.waves(1).percent(), 10);
  EXPECT_EQ(strategy.waves(1).gate(), v1::GATE_MANUAL);
  EXPECT_EQ(strategy.waves(2).name(), "rest");
  EXPECT_EQ(strategy.waves(2).percent(), 100);
  EXPECT_EQ(strategy.waves(2).soak().seconds(), 5);
  EXPECT_EQ(strategy.trial_duration().seconds(), 2);
}

TEST(SpecOptions, AnAutomaticGateAloneKeepsTheDefaultWaves) {
  SpecOptions options = Minimal();
  options.gate = "auto";
  const auto spec = SpecFromOptions(options);
  ASSERT_TRUE(spec.ok()) << spec.status();
  ASSERT_EQ(spec->strategy().waves_size(), 4);
  for (const v1::WaveSpec& wave : spec->strategy().waves()) {
    EXPECT_EQ(wave.gate(), v1::GATE_AUTO);
  }
}

TEST(SpecOptions, AGuardIsAShareWithItsLooks) {
  SpecOptions options = Minimal();
  options.guard = "3%";
  options.guard_looks = 1;
  options.guard_shadow = true;
  options.guard_demo_window = "10s";
  const auto spec = SpecFromOptions(options);
  ASSERT_TRUE(spec.ok()) << spec.status();
  const v1::HealthGuard& guard = spec->strategy().guards(0);
  EXPECT_EQ(guard.metric(), "gate_verdict");
  EXPECT_DOUBLE_EQ(guard.max_bad_increase(), 0.03);
  EXPECT_EQ(guard.looks(), 1U);
  EXPECT_TRUE(guard.shadow());
  EXPECT_EQ(guard.demo_window().seconds(), 10);
}

TEST(SpecOptions, AGuardThatIsNoneIsRefused) {
  SpecOptions options = Minimal();
  options.guard = "much";
  ExpectRefused(options, "--guard");
  options.guard = "95%";
  ExpectRefused(options, "max_bad_increase");
  options.guard.clear();
  options.guard_looks = 2;
  ExpectRefused(options, "--guard");
}

TEST(SpecOptions, NamesWhatIsWrong) {
  SpecOptions options = Minimal();
  options.waves = "1,x,rest";
  ExpectRefused(options, "--waves");
  options.waves = "1,,rest";
  ExpectRefused(options, "--waves");
  options.waves = "0,rest";
  ExpectRefused(options, "--waves");
  options.waves = "1,3";
  ExpectRefused(options, "last");
  options = Minimal();
  options.soak = "soon";
  ExpectRefused(options, "");
  options = Minimal();
  options.selector = "a=";
  ExpectRefused(options, "selector");
  options = Minimal();
  options.version = "";
  ExpectRefused(options, "version");
}

constexpr char kManifest[] =
    "apiVersion: flotilla/v1\n"
    "kind: Rollout\n"
    "metadata: {name: pump-2}\n"
    "spec:\n"
    "  release: {model: pump, version: 2.0.0}\n"
    "  selector: \"role=pump-station,arch in (arm64,amd64)\"\n"
    "  delivery: {max_in_flight: 20}\n"
    "  strategy:\n"
    "    waves:\n"
    "    - {name: canary, count: 1, gate: auto, soak: 3s}\n"
    "    - {name: broad, percent: 40, min: 3, gate: manual}\n"
    "    - {name: rest, percent: 100}\n"
    "    judge: {p0: 1%, p1: 5%, on_fail: abort}\n"
    "    guards: [{metric: gate_verdict, max_bad_increase: 3%, looks: 2, shadow: true}]\n"
    "    trial_duration: 1s\n"
    "  on_abort: {rollback: auto}\n"
    "  deadlines: {download: 24h}\n";

TEST(SpecManifest, ReadsTheFormOfTheDesign) {
  const auto spec = SpecFromManifest(kManifest, "r.yaml");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "pump-2");
  EXPECT_EQ(spec->line(), "pump");
  EXPECT_EQ(spec->strategy().waves(1).gate(), v1::GATE_MANUAL);
  EXPECT_EQ(spec->strategy().waves(1).min(), 3U);
  EXPECT_NEAR(spec->strategy().judge().p1(), 0.05, 1e-9);
  ASSERT_EQ(spec->strategy().guards_size(), 1);
  EXPECT_NEAR(spec->strategy().guards(0).max_bad_increase(), 0.03, 1e-9);
  EXPECT_TRUE(spec->strategy().guards(0).shadow());
  EXPECT_EQ(spec->delivery().max_in_flight(), 20U);
  EXPECT_EQ(spec->deadlines().download().seconds(), 24 * 3600);
}

TEST(SpecManifest, SaysWhereAMistakeIs) {
  std::string text = kManifest;
  text.replace(text.find("selector"), 8, "selectr_");
  const Status unknown = SpecFromManifest(text, "r.yaml").status();
  EXPECT_NE(MessageOf(unknown).find("r.yaml:6"), std::string::npos) << unknown;
  text = kManifest;
  text.replace(text.find("Rollout"), 7, "Release");
  EXPECT_FALSE(SpecFromManifest(text, "r.yaml").ok());
}

}  // namespace
}  // namespace flotilla::fleetctl

#include <string>

#include <gtest/gtest.h>

#include "base/config/yaml.h"
#include "flotilla/config/v1/agent.pb.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::config {
namespace {

// The complaint about `text` as agent configuration; empty when it was accepted.
std::string AgentError(const std::string& text) {
  v1::AgentConfig config;
  const Status status = ReadYaml(text, "agent.yaml", config);
  EXPECT_TRUE(status.ok() || status.code() == StatusCode::kInvalidArgument) << status;
  return MessageOf(status);
}

std::string WaveError(const std::string& text) {
  flotilla::v1::WaveSpec wave;
  return MessageOf(ReadYaml(text, "wave.yaml", wave));
}

TEST(YamlStrictness, NamesThePlaceOfAnUnknownFieldAndTheNearestName) {
  EXPECT_EQ(AgentError("state_dir: /x\nlabls: {a: b}\n"),
            "agent.yaml:2:1: unknown field 'labls'; did you mean 'labels'?");
}

TEST(YamlStrictness, RefusesCamelCase) {
  EXPECT_EQ(AgentError("stateDir: /x"),
            "agent.yaml:1:1: unknown field 'stateDir'; did you mean 'state_dir'?");
}

TEST(YamlStrictness, NamesThePlaceOfAMistakeDeepInside) {
  flotilla::v1::RolloutSpec spec;
  EXPECT_EQ(
      MessageOf(ReadYaml("strategy:\n  waves:\n  - {name: a, gate: automatic}\n", "r.yaml", spec)),
      "r.yaml:3:21: 'automatic' is no value of gate; one of: auto, manual");
}

TEST(YamlStrictness, RefusesTheUnspecifiedEnumValueAndUpperCase) {
  EXPECT_NE(WaveError("gate: unspecified"), "");
  EXPECT_EQ(WaveError("gate: AUTO"),
            "wave.yaml:1:7: 'AUTO' is no value of gate; one of: auto, manual");
}

TEST(YamlStrictness, RefusesARepeatedKey) {
  EXPECT_EQ(AgentError("listen: a\nlisten: b\n"), "agent.yaml:2:1: 'listen' is given twice");
}

TEST(YamlStrictness, RefusesAFieldWithoutValue) {
  EXPECT_EQ(AgentError("listen:\n"), "agent.yaml:1:1: 'listen' has no value");
}

TEST(YamlStrictness, RefusesAMapWhereAValueBelongs) {
  EXPECT_EQ(AgentError("listen: {a: b}"), "agent.yaml:1:9: 'listen' is a single value");
}

TEST(YamlStrictness, RefusesAValueWhereAMapBelongs) {
  EXPECT_EQ(AgentError("labels: a"), "agent.yaml:1:9: 'labels' is a map: write name: value");
}

TEST(YamlStrictness, RefusesAValueWhereAListBelongs) {
  flotilla::v1::Strategy strategy;
  EXPECT_NE(MessageOf(ReadYaml("waves: 3", "s.yaml", strategy)), "");
}

TEST(YamlStrictness, RefusesNumbersOutOfRangeOrWithTails) {
  EXPECT_NE(WaveError("count: 4294967296"), "");
  EXPECT_NE(WaveError("count: -1"), "");
  EXPECT_NE(WaveError("count: 1.5"), "");
  EXPECT_NE(WaveError("count: 10 devices"), "");
  EXPECT_NE(AgentError("memory_budget_bytes: 512MB"), "");
  EXPECT_NE(AgentError("memory_budget_bytes: 18446744073709551615Ki"), "");
  EXPECT_NE(WaveError("percent: nan"), "");
  EXPECT_NE(WaveError("percent: inf"), "");
}

TEST(YamlStrictness, NamesTheFieldOfAWrongNumber) {
  EXPECT_EQ(WaveError("count: many"),
            "wave.yaml:1:8: count: 'many' is no whole number from 0 to 4294967295");
}

TEST(YamlStrictness, RefusesADurationWithoutUnit) {
  EXPECT_EQ(AgentError("reconnect_cap: 30").substr(0, 19), "agent.yaml:1:16: '3");
}

TEST(YamlStrictness, RefusesAnchorsAliasesAndTags) {
  EXPECT_NE(AgentError("listen: &a x\n").find("anchors"), std::string::npos);
  EXPECT_NE(AgentError("listen: &a x\nhardware: *a\n"), "");
  EXPECT_NE(AgentError("listen: !!binary eA==\n").find("tags"), std::string::npos);
}

TEST(YamlStrictness, RefusesASecondDocument) {
  EXPECT_NE(AgentError("listen: a\n---\nlisten: b\n"), "");
}

TEST(YamlStrictness, RefusesWhatIsNotYaml) {
  EXPECT_NE(AgentError("listen: [a, b"), "");
  EXPECT_NE(AgentError("\t- x"), "");
}

TEST(YamlStrictness, RefusesAListAtTheTop) {
  EXPECT_EQ(AgentError("- a"), "agent.yaml:1:1: expected fields of AgentConfig");
}

TEST(YamlStrictness, EndsWithAnErrorOnDeepNesting) {
  EXPECT_NE(AgentError("labels: " + std::string(400, '[') + std::string(400, ']')), "");
  EXPECT_NE(AgentError("labels: " + std::string(100'000, '[')), "");
}

TEST(YamlStrictness, RefusesMoreThanAMebibyte) {
  EXPECT_EQ(AgentError("# " + std::string(1U << 20U, 'x')), "agent.yaml: larger than 1 MiB");
}

}  // namespace
}  // namespace flotilla::config

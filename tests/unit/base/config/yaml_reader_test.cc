#include <memory>
#include <string>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include "base/config/yaml.h"
#include "flotilla/config/v1/agent.pb.h"
#include "flotilla/config/v1/controller.pb.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::config {
namespace {

namespace pb = google::protobuf;

TEST(ReadYaml, FillsTextNumbersListsAndMaps) {
  v1::AgentConfig config;
  const Status status = ReadYaml(
      "state_dir: /var/lib/flotilla\n"
      "labels: {role: pump-station, site: \"12\"}\n"
      "memory_budget_bytes: 512Mi\n",
      "agent.yaml", config);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(config.state_dir(), "/var/lib/flotilla");
  EXPECT_EQ(config.labels().at("role"), "pump-station");
  EXPECT_EQ(config.labels().at("site"), "12");
  EXPECT_EQ(config.memory_budget_bytes(), 536'870'912U);
}

TEST(ReadYaml, ReadsAListOfText) {
  v1::ControllerConfig config;
  ASSERT_TRUE(ReadYaml("host_names: [a.example, 10.0.0.1]", "c.yaml", config).ok());
  ASSERT_EQ(config.host_names_size(), 2);
  EXPECT_EQ(config.host_names(1), "10.0.0.1");
}

TEST(ReadYaml, ReadsDurationsOfMixedUnits) {
  v1::AgentConfig config;
  ASSERT_TRUE(ReadYaml("reconnect_cap: 1m30s250ms", "a.yaml", config).ok());
  EXPECT_EQ(config.reconnect_cap().seconds(), 90);
  EXPECT_EQ(config.reconnect_cap().nanos(), 250'000'000);
}

TEST(ReadYaml, ReadsNestedMessagesAndEnumsByTheirSuffix) {
  flotilla::v1::RolloutSpec spec;
  const Status status = ReadYaml(
      "strategy:\n"
      "  waves:\n"
      "  - {name: canary, count: 1, gate: auto, soak: 30m}\n"
      "  - {name: rest, percent: 100, gate: manual}\n"
      "  judge: {p0: 1%, p1: 0.05, on_fail: abort}\n",
      "rollout.yaml", spec);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(spec.strategy().waves_size(), 2);
  EXPECT_EQ(spec.strategy().waves(0).gate(), flotilla::v1::GATE_AUTO);
  EXPECT_EQ(spec.strategy().waves(0).soak().seconds(), 1800);
  EXPECT_EQ(spec.strategy().waves(1).gate(), flotilla::v1::GATE_MANUAL);
  EXPECT_EQ(spec.strategy().judge().on_fail(), flotilla::v1::ON_FAIL_ABORT);
  EXPECT_DOUBLE_EQ(spec.strategy().judge().p0(), 0.01);
  EXPECT_DOUBLE_EQ(spec.strategy().judge().p1(), 0.05);
}

TEST(ReadYaml, TakesAPercentFieldInPercentWithAndWithoutItsSign) {
  flotilla::v1::WaveSpec wave;
  ASSERT_TRUE(ReadYaml("percent: 5", "w.yaml", wave).ok());
  EXPECT_DOUBLE_EQ(wave.percent(), 5);
  ASSERT_TRUE(ReadYaml("percent: 5%", "w.yaml", wave).ok());
  EXPECT_DOUBLE_EQ(wave.percent(), 5);
}

TEST(ReadYaml, ReadsTimestamps) {
  flotilla::v1::Rollout rollout;
  ASSERT_TRUE(ReadYaml("created_at: 2026-01-31T23:59:59Z", "r.yaml", rollout).ok());
  EXPECT_EQ(rollout.created_at().seconds(), 1'769'903'999);
}

TEST(ReadYaml, ReadsAMapWithNumbersAsKeys) {
  flotilla::v1::Wave wave;
  ASSERT_TRUE(ReadYaml("counts: {200: 7, 310: 1}", "w.yaml", wave).ok());
  EXPECT_EQ(wave.counts().at(200), 7U);
  EXPECT_EQ(wave.counts().at(310), 1U);
}

TEST(ReadYaml, KeepsAVersionAsItIsWritten) {
  flotilla::v1::RolloutSpec spec;
  ASSERT_TRUE(ReadYaml("version: 2.10", "r.yaml", spec).ok());
  EXPECT_EQ(spec.version(), "2.10");
}

TEST(ReadYaml, ClearsWhatTheMessageHeld) {
  v1::AgentConfig config;
  config.set_hardware("rpi5");
  ASSERT_TRUE(ReadYaml("listen: 127.0.0.1:0", "a.yaml", config).ok());
  EXPECT_EQ(config.hardware(), "");
}

TEST(ReadYaml, TakesAnEmptyFileAsAllDefaults) {
  v1::AgentConfig config;
  EXPECT_TRUE(ReadYaml("# nothing yet\n", "a.yaml", config).ok());
  EXPECT_TRUE(ReadYaml("", "a.yaml", config).ok());
}

// A message of our own, to see names, oneofs and bytes.
class ManifestTest : public testing::Test {
 protected:
  ManifestTest() {
    pb::FileDescriptorProto file;
    file.set_name("test.proto");
    file.set_syntax("proto3");
    auto* type = file.add_message_type();
    type->set_name("Manifest");
    AddField(*type, "api_version", 1, pb::FieldDescriptorProto::TYPE_STRING)
        ->set_json_name("apiVersion");
    AddField(*type, "key_id", 2, pb::FieldDescriptorProto::TYPE_BYTES);
    AddField(*type, "count", 3, pb::FieldDescriptorProto::TYPE_UINT32)->set_oneof_index(0);
    AddField(*type, "share", 4, pb::FieldDescriptorProto::TYPE_DOUBLE)->set_oneof_index(0);
    type->add_oneof_decl()->set_name("size");
    descriptor_ = pool_.BuildFile(file)->message_type(0);
    message_.reset(factory_.GetPrototype(descriptor_)->New());
  }

  static pb::FieldDescriptorProto* AddField(pb::DescriptorProto& type, const std::string& name,
                                            int number, pb::FieldDescriptorProto::Type kind) {
    auto* field = type.add_field();
    field->set_name(name);
    field->set_number(number);
    field->set_type(kind);
    field->set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
    return field;
  }

  std::string Text(const std::string& field) const {
    return message_->GetReflection()->GetString(*message_, descriptor_->FindFieldByName(field));
  }

  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_{&pool_};
  const pb::Descriptor* descriptor_ = nullptr;
  std::unique_ptr<pb::Message> message_;
};

TEST_F(ManifestTest, UsesTheJsonNameThatTheProtoStates) {
  ASSERT_TRUE(ReadYaml("apiVersion: flotilla/v1", "m.yaml", *message_).ok());
  EXPECT_EQ(Text("api_version"), "flotilla/v1");
  EXPECT_FALSE(ReadYaml("api_version: flotilla/v1", "m.yaml", *message_).ok());
}

TEST_F(ManifestTest, ReadsBytesAsHex) {
  ASSERT_TRUE(ReadYaml("key_id: 00ff", "m.yaml", *message_).ok());
  EXPECT_EQ(Text("key_id"), std::string("\0\xff", 2));
}

TEST_F(ManifestTest, RefusesTwoMembersOfOneOneof) {
  EXPECT_EQ(ReadYaml("count: 1\nshare: 1%\n", "m.yaml", *message_).message(),
            "m.yaml:2:1: 'share' cannot stand beside another 'size'");
}

}  // namespace
}  // namespace flotilla::config

#include "base/config/yaml_file.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flotilla/config/v1/agent.pb.h"

#include "tests/support/temp_dir.h"

namespace flotilla::config {
namespace {

using testing::HasSubstr;

TEST(YamlFile, AMissingFileSaysWhatToDo) {
  v1::AgentConfig config;
  const Status status = ReadYamlFile("/nowhere/agent.yaml", "write it first", config);
  EXPECT_EQ(StatusCode::kNotFound, status.code());
  EXPECT_THAT(MessageOf(status),
              HasSubstr("/nowhere/agent.yaml: No such file or directory: write"));
}

TEST(YamlFile, AFolderIsNoFile) {
  v1::AgentConfig config;
  const TempDir dir;
  const Status status = ReadYamlFile(dir.path(), "write it first", config);
  EXPECT_THAT(MessageOf(status), HasSubstr("name a readable YAML file"));
}

TEST(YamlFile, AMistakeNamesItsPlaceAndWhatToDo) {
  const TempDir dir;
  std::ofstream(dir.path() / "agent.yaml") << "state_dri: /x\n";
  v1::AgentConfig config;
  const Status status = ReadYamlFile(dir.path() / "agent.yaml", "write it first", config);
  EXPECT_EQ(StatusCode::kInvalidArgument, status.code());
  EXPECT_THAT(MessageOf(status), HasSubstr("agent.yaml:1:1: unknown field 'state_dri'"));
  EXPECT_THAT(MessageOf(status), HasSubstr("correct that line"));
}

}  // namespace
}  // namespace flotilla::config

#include "controller/rollout/serving.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace flotilla::rollout {
namespace {

v1::LineCondition& AddLine(v1::Device& device, v1::EngineCondition engine) {
  v1::LineCondition& line = *device.mutable_condition()->add_lines();
  line.set_line("pump");
  line.set_engine(engine);
  return line;
}

std::string Told(const v1::Device& device) {
  const auto found = FindNotServing(device);
  return found.has_value() ? NameOf(*found) : "serves";
}

TEST(Serving, IsWhatEveryLineDoesWithItsModel) {
  v1::Device device;
  EXPECT_EQ(Told(device), "not_installed");
  AddLine(device, v1::ENGINE_CONDITION_SERVING);
  EXPECT_EQ(Told(device), "serves");
  AddLine(device, v1::ENGINE_CONDITION_LOADING);
  EXPECT_EQ(Told(device), "serves");
  AddLine(device, v1::ENGINE_CONDITION_STATIC_ANSWER).set_cause(v1::FAILURE_REASON_POLICY_REVOKED);
  EXPECT_EQ(Told(device), "static_answer");
  EXPECT_EQ(FindNotServing(device)->cause, v1::FAILURE_REASON_POLICY_REVOKED);
}

TEST(Serving, NamesEachWayOfAnsweringNothing) {
  for (const auto& [engine, name] : {std::pair{v1::ENGINE_CONDITION_STOPPED, "stopped"},
                                     std::pair{v1::ENGINE_CONDITION_SAFE_MODE, "safe_mode"},
                                     std::pair{v1::ENGINE_CONDITION_OFF, "off"}}) {
    v1::Device device;
    AddLine(device, engine);
    EXPECT_EQ(Told(device), name);
  }
}

TEST(Serving, IsNotAskedOfADeviceThatLeftTheFleet) {
  v1::Device device;
  device.set_revoked(true);
  EXPECT_EQ(Told(device), "serves");
}

}  // namespace
}  // namespace flotilla::rollout

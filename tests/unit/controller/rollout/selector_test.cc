#include "controller/rollout/selector.h"

#include <gtest/gtest.h>

namespace flotilla::rollout {
namespace {

v1::Device Pump() {
  v1::Device device;
  device.set_id("pump-01");
  device.mutable_facts()->set_arch("aarch64");
  device.mutable_facts()->set_hardware("rpi5");
  (*device.mutable_facts()->mutable_labels())["role"] = "lab";
  (*device.mutable_labels())["role"] = "pump-station";
  return device;
}

bool Matches(const std::string& text) {
  const auto selector = Selector::Parse(text);
  EXPECT_TRUE(selector.ok()) << selector.status();
  return selector.ok() && selector->Matches(Pump());
}

TEST(Selector, EmptyMatchesEveryDevice) {
  EXPECT_TRUE(Matches(""));
  EXPECT_TRUE(Matches("  "));
}

TEST(Selector, SeesFactsAndTheOperatorsLabelsOverTheOwners) {
  EXPECT_TRUE(Matches("role=pump-station,arch in (arm64,aarch64),hardware==rpi5"));
  EXPECT_FALSE(Matches("role=lab"));
  EXPECT_TRUE(Matches("device=pump-01"));
}

TEST(Selector, KnowsEveryOperator) {
  EXPECT_TRUE(Matches("role"));
  EXPECT_FALSE(Matches("!role"));
  EXPECT_TRUE(Matches("!ring"));
  EXPECT_TRUE(Matches("ring != lab"));
  EXPECT_FALSE(Matches("role!=pump-station"));
  EXPECT_TRUE(Matches("role notin (lab, office)"));
  EXPECT_FALSE(Matches("ring in (lab)"));
}

TEST(Selector, RefusesWhatItDoesNotUnderstand) {
  for (const std::string text : {"=", "a=", "a=b,", ",a", "a in b", "a in (", "a in (b", "a like b",
                                 "a=b c", "a in ()", "a=b;c", "!", "a=\"b\""}) {
    EXPECT_EQ(Selector::Parse(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(Selector::Parse(std::string(2000, 'a')).ok());
}

}  // namespace
}  // namespace flotilla::rollout

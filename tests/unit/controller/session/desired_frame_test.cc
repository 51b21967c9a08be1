#include "controller/session/desired_frame.h"

#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

v1::DesiredState Desired(std::uint64_t generation, int assignments) {
  v1::DesiredState desired;
  desired.set_generation(generation);
  for (int i = 0; i < assignments; ++i) {
    v1::Assignment& one = *desired.add_assignments();
    one.mutable_release()->set_line("line-" + std::to_string(i));
    one.mutable_release()->set_sha256(std::string(32, 'x'));
    one.set_rollout_id("r");
  }
  return desired;
}

class DesiredFrameTest : public testing::TestWithParam<std::pair<std::uint64_t, int>> {};

TEST_P(DesiredFrameTest, HeaderAndSharedBytesAreTheMessage) {
  const v1::DesiredState desired = Desired(GetParam().first, GetParam().second);
  v1::SessionResponse response;
  *response.mutable_desired_state() = desired;
  const DesiredFrame frame = FrameOf(desired);
  EXPECT_EQ(FrameHeader(frame) + *frame.assignments, response.SerializeAsString());
  EXPECT_EQ(DesiredOf(frame).SerializeAsString(), desired.SerializeAsString());
}

INSTANTIATE_TEST_SUITE_P(Sizes, DesiredFrameTest,
                         testing::Values(std::pair{0U, 0}, std::pair{1U, 0}, std::pair{0U, 1},
                                         std::pair{127U, 1}, std::pair{128U, 2},
                                         std::pair{300'000U, 32}));

}  // namespace
}  // namespace flotilla::controller

#include "tests/swarm/agents/own_devices.h"

#include <gtest/gtest.h>

namespace flotilla::swarm {
namespace {

v1::Device With(v1::Liveness liveness, const std::string& version) {
  v1::Device device;
  device.set_liveness(liveness);
  if (!version.empty()) {
    v1::LineStatus* line = device.add_lines();
    line->set_line("plant-slm");
    line->mutable_current()->set_version(version);
  }
  return device;
}

TEST(OwnDevices, AreCountedByReleaseWhileTheyAreOnline) {
  OwnDevices own;
  CountDevice(With(v1::LIVENESS_ONLINE, "1.0.0"), own);
  CountDevice(With(v1::LIVENESS_ONLINE, "1.0.0"), own);
  CountDevice(With(v1::LIVENESS_LATE, "1.0.0"), own);
  CountDevice(With(v1::LIVENESS_ONLINE, ""), own);
  v1::Device trial = With(v1::LIVENESS_ONLINE, "2.0.0");
  trial.mutable_lines(0)->set_trial(true);
  CountDevice(trial, own);
  EXPECT_EQ(own.known, 5U);
  EXPECT_EQ(own.online, 4U);
  EXPECT_EQ(own.releases,
            (std::map<std::string, std::size_t>{
                {"nothing", 1}, {"plant-slm 1.0.0", 2}, {"plant-slm 2.0.0 on trial", 1}}));
}

}  // namespace
}  // namespace flotilla::swarm

#include "controller/release/release_change.h"

#include <vector>

#include <gtest/gtest.h>

#include "controller/fleet/fleet_state.h"

namespace flotilla::controller {
namespace {

v1::Release MakeRelease(const std::string& version) {
  v1::Release release;
  release.mutable_ref()->set_line("pump");
  release.mutable_ref()->set_version(version);
  return release;
}

TEST(ReleaseChange, HoldsOnlyWhatTheFleetDoesNotKnow) {
  FleetState state;
  FleetChange known;
  known.releases = {MakeRelease("1.0.0"), MakeRelease("2.0.0")};
  state.Take(known);
  std::vector<v1::Release> listed = {MakeRelease("1.0.0"), MakeRelease("2.0.0"),
                                     MakeRelease("3.0.0")};
  listed[1].set_blocked(true);
  const FleetChange change = ReleaseChange(listed, state);
  ASSERT_EQ(change.releases.size(), 2U);
  EXPECT_EQ(change.releases[0].ref().version(), "2.0.0");
  EXPECT_TRUE(change.releases[0].blocked());
  EXPECT_EQ(change.releases[1].ref().version(), "3.0.0");
}

}  // namespace
}  // namespace flotilla::controller

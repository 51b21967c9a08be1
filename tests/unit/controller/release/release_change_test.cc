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

TEST(ReleaseChange, KeepsWhatOperatorsSaidOfARelease) {
  FleetState state;
  FleetChange known;
  known.releases = {MakeRelease("1.0.0")};
  known.releases[0].mutable_revocation()->set_state(v1::REVOCATION_STATE_IN_FORCE);
  state.Take(known);
  ASSERT_EQ(state.RevokedReleases().size(), 1U);

  v1::Release listed = MakeRelease("1.0.0");
  EXPECT_TRUE(ReleaseChange({listed}, state).releases.empty());
  listed.set_notes("signed anew");
  const FleetChange change = ReleaseChange({listed}, state);
  ASSERT_EQ(change.releases.size(), 1U);
  EXPECT_EQ(change.releases[0].revocation().state(), v1::REVOCATION_STATE_IN_FORCE);
}

}  // namespace
}  // namespace flotilla::controller

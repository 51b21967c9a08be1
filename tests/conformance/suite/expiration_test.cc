// Family test_expiration: an expired role is refused, an expired cached one is still good to
// compare with and to update from.
#include <string>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

class Expiration : public ClientTest {
 protected:
  void SetUp() override { ASSERT_EQ(0, Init()); }
};

TEST_F(Expiration, OfRootIsJudgedAfterItWasStored) {
  simulator_.SetExpires("root", now_ - kDay);
  simulator_.Publish({"root"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 2}}), Trusted());
  simulator_.SetExpires("root", now_ + kDay);  // an expired root is no end of the chain
  simulator_.Publish({"root"});
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(3, Trusted().at("root"));
}

TEST_F(Expiration, OfTimestampKeepsItOut) {
  simulator_.SetExpires("timestamp", now_ - kDay);
  simulator_.Publish({"timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 1}}), Trusted());
}

TEST_F(Expiration, OfSnapshotKeepsItOut) {
  simulator_.SetExpires("snapshot", now_ - kDay);
  simulator_.Publish({"snapshot", "timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 1}, {"timestamp", 2}}), Trusted());
}

TEST_F(Expiration, OfTargetsKeepsThemOut) {
  simulator_.SetExpires("targets", now_ - kDay);
  simulator_.PublishAll();
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 1}, {"timestamp", 2}, {"snapshot", 2}}), Trusted());
}

TEST_F(Expiration, OfTheCachedRootDoesNotStopAnUpdate) {
  simulator_.SetExpires("root", now_ + 7 * kDay);
  simulator_.Publish({"root"});
  ASSERT_EQ(0, Refresh());
  simulator_.SetExpires("root", now_ + 60 * kDay);
  simulator_.Publish({"root"});
  EXPECT_EQ(0, Refresh(Date(18 * kDay))) << last_error_;
  EXPECT_EQ(3, Trusted().at("root"));
}

TEST_F(Expiration, OfTheCachedTimestampStillComparesVersions) {
  simulator_.SetExpires("timestamp", now_ + 7 * kDay);
  simulator_.Publish({"timestamp"});
  ASSERT_EQ(0, Refresh());
  // Snapshot 2 was known to exist 18 days ago; a timestamp of now that says 1 is a rollback.
  simulator_.SetExpires("timestamp", now_ + 21 * kDay);
  simulator_.Role("timestamp")["version"] = 1;
  simulator_.PublishAsIs("timestamp");
  EXPECT_EQ(1, Refresh(Date(18 * kDay)));
  EXPECT_EQ(2, Trusted().at("timestamp"));
  simulator_.Role("timestamp")["version"] = 3;
  simulator_.PublishAsIs("timestamp");
  EXPECT_EQ(0, Refresh(Date(18 * kDay))) << last_error_;
  EXPECT_EQ(3, Trusted().at("timestamp"));
}

}  // namespace
}  // namespace flotilla::conformance

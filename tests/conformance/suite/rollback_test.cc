// Family test_rollback: nothing older than what was seen, until root says that it was forged.
#include <string>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

class Rollback : public ClientTest {
 protected:
  void SetUp() override { ASSERT_EQ(0, Init()); }
  void PublishAt(const std::string& role, std::int64_t version) {
    simulator_.Role(role)["version"] = version;
    simulator_.PublishAsIs(role);
  }
};

TEST_F(Rollback, OfATimestampIsRefused) {
  simulator_.Publish({"timestamp"});
  ASSERT_EQ(0, Refresh());
  const std::string trusted = Stored("timestamp");
  PublishAt("timestamp", 1);
  Requests();
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(trusted, Stored("timestamp"));
  EXPECT_EQ("timestamp.json", Requests().back());
}

TEST_F(Rollback, OfASnapshotThatTimestampStillNamesIsNotEvenSeen) {
  simulator_.Publish({"snapshot", "timestamp"});
  ASSERT_EQ(0, Refresh());
  simulator_.metadata().at("2.snapshot.json") = simulator_.metadata().at("1.snapshot.json");
  Requests();
  EXPECT_EQ(0, Refresh());
  EXPECT_EQ(2, Trusted().at("snapshot"));
  EXPECT_EQ("timestamp.json", Requests().back());
}

TEST_F(Rollback, OfARoleOutOfTheSnapshotIsRefused) {
  simulator_.Delegate("targets", "lines", {"*"});
  simulator_.Publish({"lines"});
  simulator_.PublishAll();
  ASSERT_EQ(0, Refresh());
  simulator_.Role("snapshot").at("meta").as_object().erase("lines.json");
  simulator_.Publish({"snapshot", "timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(2, Trusted().at("snapshot"));
}

class RollbackWithHashes : public Rollback, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    simulator_.set_file_hashes(GetParam() ? TufSimulator::FileHashes::kYes
                                          : TufSimulator::FileHashes::kNo);
    Rollback::SetUp();
  }
};

TEST_P(RollbackWithHashes, OfASnapshotIsRefused) {
  simulator_.Publish({"snapshot", "timestamp"});
  ASSERT_EQ(0, Refresh()) << last_error_;
  PublishAt("snapshot", 1);
  simulator_.Publish({"timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(2, Trusted().at("timestamp"));
  EXPECT_EQ(2, Trusted().at("snapshot"));
}

TEST_P(RollbackWithHashes, OfTargetsIsRefused) {
  simulator_.PublishAll();
  ASSERT_EQ(0, Refresh()) << last_error_;
  PublishAt("targets", 1);
  simulator_.Publish({"snapshot", "timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(2, Trusted().at("snapshot"));
  EXPECT_EQ(2, Trusted().at("targets"));
}

INSTANTIATE_TEST_SUITE_P(Metadata, RollbackWithHashes, testing::Bool(), [](const auto& chosen) {
  return chosen.param ? "withHashes" : "withVersions";
});

TEST_F(Rollback, OfTimestampIsARecoveryOnceItsKeyWasRotated) {
  PublishAt("timestamp", 100);
  ASSERT_EQ(0, Refresh());
  simulator_.RotateKeys("timestamp");
  simulator_.Publish({"root"});
  PublishAt("timestamp", 1);
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(1, Trusted().at("timestamp"));
}

TEST_F(Rollback, OfSnapshotIsARecoveryOnceItsKeyWasRotated) {
  PublishAt("snapshot", 99999);
  simulator_.Publish({"timestamp"});
  ASSERT_EQ(0, Refresh()) << last_error_;
  simulator_.RotateKeys("snapshot");
  simulator_.RotateKeys("timestamp");
  simulator_.Publish({"root"});
  PublishAt("snapshot", 1);
  simulator_.Publish({"timestamp"});
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(1, Trusted().at("snapshot"));
}

TEST_F(Rollback, OfTargetsIsARecoveryOnceTheSnapshotKeyWasRotated) {
  PublishAt("targets", 100);
  simulator_.Publish({"snapshot", "timestamp"});
  ASSERT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(100, Trusted().at("targets"));
  simulator_.RotateKeys("snapshot");
  simulator_.Publish({"root"});
  PublishAt("targets", 1);
  simulator_.Publish({"snapshot", "timestamp"});
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(1, Trusted().at("targets"));
}

TEST_F(Rollback, OfTargetsIsNoRecoveryWhileTheSnapshotKeyStands) {
  PublishAt("targets", 100);
  simulator_.Publish({"snapshot", "timestamp"});
  ASSERT_EQ(0, Refresh()) << last_error_;
  simulator_.RotateKeys("targets");  // not the key that said "100"
  simulator_.Publish({"root"});
  PublishAt("targets", 1);
  simulator_.Publish({"snapshot", "timestamp"});
  EXPECT_EQ(1, Refresh());
}

}  // namespace
}  // namespace flotilla::conformance

#include "fleetctl/trust/root_stage.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "tests/support/temp_dir.h"

namespace flotilla::fleetctl {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const Time kExpires = ParseUtcText("2027-01-01T00:00:00Z").value();

class RootStageTest : public testing::Test {
 protected:
  // Root needs two of two keys, targets one.
  tuf::Draft Root() {
    tuf::Draft root = tuf::Draft::New(tuf::RoleType::kRoot, kExpires);
    EXPECT_TRUE(root.AddKey("root", first_->public_key()).ok());
    EXPECT_TRUE(root.AddKey("root", second_->public_key()).ok());
    EXPECT_TRUE(root.SetThreshold("root", 2).ok());
    EXPECT_TRUE(root.AddKey("targets", targets_->public_key()).ok());
    return root;
  }

  TempDir dir_;
  OsDurableFs fs_;
  std::unique_ptr<security::KeyPair> first_ = security::GenerateEd25519().value();
  std::unique_ptr<security::KeyPair> second_ = security::GenerateEd25519().value();
  std::unique_ptr<security::KeyPair> targets_ = security::GenerateEd25519().value();
};

TEST_F(RootStageTest, IsSignedOneKeyAtATime) {
  const auto folder = dir_.path() / "stage";
  ASSERT_TRUE(RootStage::Create(fs_, folder, Root(), kExpires).ok());
  EXPECT_THAT(RootStage::Load(folder)->Sign(fs_, *first_).value(), ElementsAre("root"));
  EXPECT_THAT(RootStage::Load(folder)->Sign(fs_, *targets_).value(), ElementsAre("targets"));
  auto signatures = RootStage::Load(folder)->Signatures();
  ASSERT_THAT(signatures, SizeIs(2));
  EXPECT_EQ(signatures[0].role, "root");
  EXPECT_THAT(signatures[0].signed_by, SizeIs(1));
  EXPECT_THAT(signatures[0].missing, SizeIs(1));
  EXPECT_EQ(signatures[0].threshold, 2);
  EXPECT_THAT(signatures[1].missing, SizeIs(0));
  ASSERT_TRUE(RootStage::Load(folder)->Sign(fs_, *second_).ok());
  signatures = RootStage::Load(folder)->Signatures();
  EXPECT_THAT(signatures[0].missing, SizeIs(0));
}

TEST_F(RootStageTest, RefusesAKeyThatSignsNothingThere) {
  const auto folder = dir_.path() / "stage";
  ASSERT_TRUE(RootStage::Create(fs_, folder, Root(), kExpires).ok());
  const auto stranger = security::GenerateEd25519().value();
  EXPECT_EQ(RootStage::Load(folder)->Sign(fs_, *stranger).status().code(),
            StatusCode::kPermissionDenied);
}

TEST_F(RootStageTest, NeverOverwritesAStage) {
  const auto folder = dir_.path() / "stage";
  ASSERT_TRUE(RootStage::Create(fs_, folder, Root(), kExpires).ok());
  EXPECT_EQ(RootStage::Create(fs_, folder, Root(), kExpires).status().code(),
            StatusCode::kAlreadyExists);
  EXPECT_EQ(RootStage::Load(dir_.path()).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::fleetctl

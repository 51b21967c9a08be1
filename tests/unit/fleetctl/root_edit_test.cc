#include "fleetctl/trust/root_edit.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleetctl/trust/metadata_diff.h"
#include "tests/unit/fleetctl/ceremony_fixture.h"

namespace flotilla::fleetctl {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class RootEditTest : public CeremonyFixture {
 protected:
  Status Stage2(const RootEdit& edit, Stage& stage) {
    return StageRootEdit(fs_, edit, kExpires, kExpires, stage);
  }
};

TEST_F(RootEditTest, StartsTheNextVersionAndKeepsEditingIt) {
  Stage stage = OverFirst("stage");
  RootEdit edit;
  edit.add_keys = {"root=" + PublicFile("dora")};
  edit.drop_keys = {"root=" + Id("clara").substr(0, 8)};
  ASSERT_TRUE(Stage2(edit, stage).ok());
  RootEdit again;
  again.thresholds = {"root=3"};
  ASSERT_TRUE(Stage2(again, stage).ok());
  const tuf::Root root = RootOf(*stage.Find("root")).value();
  EXPECT_EQ(root.common.version, 2);
  EXPECT_EQ(root.root.threshold, 3);
  EXPECT_THAT(root.root.key_ids, UnorderedElementsAre(Id("anna"), Id("boris"), Id("dora")));
  EXPECT_EQ(stage.Find("targets"), nullptr) << "the targets hold by the new root too";
}

TEST_F(RootEditTest, StagesTargetsWhenTheirKeysGo) {
  Stage stage = OverFirst("stage");
  RootEdit edit;
  edit.set_keys = {"targets=" + PublicFile("tina")};
  ASSERT_TRUE(Stage2(edit, stage).ok());
  ASSERT_NE(stage.Find("targets"), nullptr);
  EXPECT_EQ(stage.Find("targets")->version(), 2);
  EXPECT_THAT(stage.Sign(fs_, Key("tina")).value(), ElementsAre("targets"));
}

TEST_F(RootEditTest, RefusesToReplaceTargetsKeysWithoutTheTargets) {
  Stage stage = Stage::Create(fs_, Folder("stage")).value();
  ASSERT_TRUE(stage.Trust(fs_, "root", Signed(FirstRoot(), {"anna", "boris"})).ok());
  RootEdit edit;
  edit.set_keys = {"targets=" + PublicFile("tina")};
  const Status status = Stage2(edit, stage);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("--from FOLDER"));
}

TEST_F(RootEditTest, RefusesARootThatCouldNeverBeSigned) {
  Stage stage = OverFirst("stage");
  RootEdit edit;
  edit.thresholds = {"root=4"};
  EXPECT_EQ(Stage2(edit, stage).code(), StatusCode::kInvalidArgument);
}

TEST_F(RootEditTest, NamesWhatIsWrongWithAnEdit) {
  Stage stage = OverFirst("stage");
  RootEdit edit;
  edit.drop_keys = {"root=abc"};
  EXPECT_THAT(MessageOf(Stage2(edit, stage)), HasSubstr("at least 8 digits"));
  edit.drop_keys = {"root=" + Id("dora")};
  EXPECT_EQ(Stage2(edit, stage).code(), StatusCode::kNotFound);
  edit.drop_keys = {"models-pump=" + Id("anna")};
  EXPECT_THAT(MessageOf(Stage2(edit, stage)), HasSubstr("fleetctl delegate"));
  edit.drop_keys = {"root"};
  EXPECT_THAT(MessageOf(Stage2(edit, stage)), HasSubstr("ROLE=VALUE"));
}

TEST_F(RootEditTest, TheDiffHidesNothing) {
  tuf::Draft before = FirstRoot();
  tuf::Draft after = before;
  after.SetVersion(2);
  ASSERT_TRUE(after.SetThreshold("root", 1).ok());
  ASSERT_TRUE(after.DropKey("targets", Id("tom")).ok());
  ASSERT_TRUE(after.AddKey("targets", Key("tina").public_key()).ok());
  ASSERT_TRUE(after.SetFloorReset("models-pump", 3).ok());
  after.SetExpires(kToday);
  const auto lines = DiffMetadata("root", &before, after, kToday);
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_THAT(*lines, Contains(HasSubstr("~ root      2 of 3 keys -> 1 of 3 keys")));
  EXPECT_THAT(*lines, Contains(HasSubstr("ALREADY OVER")));
  EXPECT_THAT(*lines, Contains(HasSubstr("- ")).Times(1));
  EXPECT_THAT(*lines, Contains("+ x-flotilla-floor-reset {\"models-pump\":3}"));
  EXPECT_THAT(*lines, Not(Contains(HasSubstr("unknown kind"))));
}

TEST_F(RootEditTest, TheDiffOfTargetsNamesDelegationsTargetsFloorAndBlocks) {
  tuf::Draft before = Targets();
  ASSERT_TRUE(before.AddTarget("models-pump/1.gguf", 3, Digest(), {}).ok());
  tuf::Draft after = Targets();
  tuf::DelegationSpec spec;
  spec.name = "models-pump";
  spec.keys = {Key("ci").public_key()};
  spec.paths = {"models-pump/*"};
  ASSERT_TRUE(after.SetDelegation(spec).ok());
  ASSERT_TRUE(after.AddTarget("models-pump/2.gguf", 4, Digest(), {}).ok());
  ASSERT_TRUE(after.RaiseFloor(7).ok());
  ASSERT_TRUE(after.Block(Digest()).ok());
  const auto lines = DiffMetadata("targets", &before, after, kToday);
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_THAT(*lines, Contains(HasSubstr("+ delegation models-pump models-pump/*")));
  EXPECT_THAT(*lines, Contains(HasSubstr(Id("ci").substr(0, 12) + " ed25519")));
  EXPECT_THAT(*lines, Contains("- target models-pump/1.gguf"));
  EXPECT_THAT(*lines, Contains(HasSubstr("+ target models-pump/2.gguf")));
  EXPECT_THAT(*lines, Contains(HasSubstr("floor     0 -> 7")));
  EXPECT_THAT(*lines, Contains(HasSubstr("+ blocked 000000000000")));
}

}  // namespace
}  // namespace flotilla::fleetctl

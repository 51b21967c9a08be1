#include "fleetctl/trust/stage.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include "fleetctl/trust/folder_metadata.h"
#include "fleetctl/trust/root_walk.h"
#include "fleetctl/trust/stage_view.h"
#include "tests/unit/fleetctl/ceremony_fixture.h"

namespace flotilla::fleetctl {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class StageTest : public CeremonyFixture {
 protected:
  Stage First(const std::string& name) {
    Stage stage = Stage::Create(fs_, Folder(name)).value();
    EXPECT_TRUE(stage.Put(fs_, "root", FirstRoot()).ok());
    EXPECT_TRUE(stage.Put(fs_, "targets", Targets()).ok());
    return stage;
  }
  // Root 2, in which dora takes clara's place.
  Stage Second(const std::string& name) {
    Stage stage = OverFirst(name);
    tuf::Draft root = *stage.FindTrusted("root");
    root.SetVersion(2);
    EXPECT_TRUE(root.AddKey("root", Key("dora").public_key()).ok());
    EXPECT_TRUE(root.DropKey("root", Id("clara")).ok());
    EXPECT_TRUE(stage.Put(fs_, "root", std::move(root)).ok());
    return stage;
  }
  static StagedFile FileOf(const Stage& stage, const std::string& role) {
    const auto files = stage.Files();
    EXPECT_TRUE(files.ok()) << files.status();
    for (const StagedFile& file : files.value_or(std::vector<StagedFile>())) {
      if (file.role == role) {
        return file;
      }
    }
    return {};
  }
};

TEST_F(StageTest, IsSignedOneKeyAtATime) {
  First("stage");
  EXPECT_THAT(Stage::Load(Folder("stage"))->Sign(fs_, Key("anna")).value(), ElementsAre("root"));
  EXPECT_THAT(Stage::Load(Folder("stage"))->Sign(fs_, Key("tom")).value(), ElementsAre("targets"));
  const StagedFile root = FileOf(*Stage::Load(Folder("stage")), "root");
  ASSERT_THAT(root.requirements, SizeIs(1));
  EXPECT_THAT(root.requirements[0].signed_by, ElementsAre(Id("anna")));
  EXPECT_THAT(root.requirements[0].missing, SizeIs(2));
  EXPECT_FALSE(root.complete());
  ASSERT_TRUE(Stage::Load(Folder("stage"))->Sign(fs_, Key("boris")).ok());
  EXPECT_TRUE(IsComplete(Stage::Load(Folder("stage"))->Files().value()));
}

TEST_F(StageTest, ANewRootNeedsTheThresholdsOfBothRoots) {
  Stage stage = Second("stage");
  ASSERT_TRUE(stage.Sign(fs_, Key("anna")).ok());
  ASSERT_TRUE(stage.Sign(fs_, Key("dora")).ok());
  StagedFile root = FileOf(stage, "root");
  ASSERT_THAT(root.requirements, SizeIs(2));
  EXPECT_EQ(root.requirements[0].of, "root 1");
  EXPECT_FALSE(root.requirements[0].met) << "dora is nobody to root 1";
  EXPECT_TRUE(root.requirements[1].met);
  ASSERT_TRUE(stage.Sign(fs_, Key("clara")).ok()) << "who leaves may still sign by root 1";
  EXPECT_TRUE(FileOf(stage, "root").complete());
}

TEST_F(StageTest, TakesSignaturesFromCopiesOfItself) {
  Stage stage = Second("stage");
  for (const char* name : {"anna", "dora"}) {
    fs::copy(Folder("stage"), Folder(name), fs::copy_options::recursive);
    ASSERT_TRUE(Stage::Load(Folder(name))->Sign(fs_, Key(name)).ok());
    EXPECT_THAT(stage.Merge(fs_, *Stage::Load(Folder(name))).value(), ElementsAre("root"));
  }
  EXPECT_THAT(FileOf(*Stage::Load(Folder("stage")), "root").requirements[1].signed_by, SizeIs(2));
  EXPECT_THAT(stage.Merge(fs_, *Stage::Load(Folder("anna"))).value(), SizeIs(0));
}

TEST_F(StageTest, RefusesSignaturesOfACopyThatSaysSomethingElse) {
  Stage stage = Second("stage");
  Stage other = Second("other");
  tuf::Draft root = *other.Find("root");
  ASSERT_TRUE(root.AddKey("root", Key("mallory").public_key()).ok());
  ASSERT_TRUE(other.Put(fs_, "root", std::move(root)).ok());
  ASSERT_TRUE(other.Sign(fs_, Key("anna")).ok());
  EXPECT_EQ(stage.Merge(fs_, other).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(StageTest, RefusesAKeyThatSignsNothingThere) {
  EXPECT_EQ(First("stage").Sign(fs_, Key("mallory")).status().code(),
            StatusCode::kPermissionDenied);
}

TEST_F(StageTest, NeverOverwritesAStageAndSaysWhatAnEmptyFolderLacks) {
  First("stage");
  EXPECT_EQ(Stage::Create(fs_, Folder("stage")).status().code(), StatusCode::kAlreadyExists);
  const Status empty = Stage::Load(dir_.path() / "nothing").status();
  EXPECT_EQ(empty.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(MessageOf(empty), HasSubstr("fleetctl root init"));
}

TEST_F(StageTest, RefusesATrustedRootThatItsOwnKeysDidNotSign) {
  Second("stage");
  std::ofstream(Folder("stage") / "trusted/1.root.json")
      << ToText(Signed(FirstRoot(), {"anna", "mallory"}));
  EXPECT_EQ(Stage::Load(Folder("stage")).status().code(), StatusCode::kPermissionDenied);
}

TEST_F(StageTest, ARoleIsSignedByTheKeysThatTheStagedDelegationNames) {
  Stage stage = OverFirst("stage");
  tuf::DelegationSpec spec;
  spec.name = "models-pump";
  spec.keys = {Key("ci").public_key()};
  spec.paths = {"models-pump/*"};
  tuf::Draft targets = *stage.FindTrusted("targets");
  targets.SetVersion(2);
  ASSERT_TRUE(targets.SetDelegation(spec).ok());
  ASSERT_TRUE(stage.Put(fs_, "targets", std::move(targets)).ok());
  ASSERT_TRUE(stage.Put(fs_, "models-pump", Targets()).ok());
  EXPECT_THAT(stage.Sign(fs_, Key("ci")).value(), ElementsAre("models-pump"));
  EXPECT_TRUE(FileOf(stage, "models-pump").complete());
  EXPECT_FALSE(FileOf(stage, "targets").complete());
}

TEST_F(StageTest, IsShownWithWhatChangesAndWhoIsMissing) {
  Stage stage = Second("stage");
  ASSERT_TRUE(stage.Sign(fs_, Key("anna")).ok());
  std::ostringstream out;
  ASSERT_TRUE(PrintStage(out, stage, kToday).ok());
  const std::string text = out.str();
  EXPECT_THAT(text, HasSubstr("root 2 replaces root 1 (SHA-256 "));
  EXPECT_THAT(text, HasSubstr("- " + std::string(10, ' ') + Id("clara").substr(0, 12)));
  EXPECT_THAT(text, HasSubstr("+ " + std::string(10, ' ') + Id("dora").substr(0, 12)));
  EXPECT_THAT(text, HasSubstr("keys of root 1: 1 of 2 signatures"));
  const auto json = StageJson(stage, kToday);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_THAT(boost::json::serialize(*json), HasSubstr("\"complete\":false"));
}

class RootWalk : public StageTest {
 protected:
  // Root 1 as it is published in a folder.
  FolderMetadata Published() {
    fs::create_directories(Folder("metadata"));
    std::ofstream(Folder("metadata") / "1.root.json")
        << ToText(Signed(FirstRoot(), {"anna", "boris"}));
    return FolderMetadata(Folder("metadata"));
  }
};

TEST_F(RootWalk, EndsAtTheStagedRoot) {
  FolderMetadata published = Published();
  Stage stage = Second("stage");
  for (const char* name : {"anna", "boris"}) {
    ASSERT_TRUE(stage.Sign(fs_, Key(name)).ok());
  }
  const Status walked = CheckDevicesWalk(published, {}, stage);
  EXPECT_TRUE(walked.ok()) << walked;
}

TEST_F(RootWalk, StopsWhereADeviceWouldRefuse) {
  FolderMetadata published = Published();
  Stage stage = Second("stage");
  for (const char* name : {"anna", "dora"}) {  // enough for root 2, not for root 1
    ASSERT_TRUE(stage.Sign(fs_, Key(name)).ok());
  }
  EXPECT_EQ(CheckDevicesWalk(published, {}, stage).code(), StatusCode::kPermissionDenied);
}

TEST_F(RootWalk, RefusesAStageOverAnotherRoot) {
  FolderMetadata published = Published();
  tuf::Draft other = FirstRoot();
  ASSERT_TRUE(other.SetThreshold("root", 1).ok());
  Stage stage = Stage::Create(fs_, Folder("stage")).value();
  ASSERT_TRUE(stage.Trust(fs_, "root", Signed(other, {"anna", "boris"})).ok());
  tuf::Draft root = other;
  root.SetVersion(2);
  ASSERT_TRUE(stage.Put(fs_, "root", std::move(root)).ok());
  ASSERT_TRUE(stage.Sign(fs_, Key("anna")).ok());
  const Status walked = CheckDevicesWalk(published, {}, stage);
  EXPECT_EQ(walked.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(walked), HasSubstr("fleetctl root edit"));
}

TEST_F(RootWalk, StartsAtTheRootThatDevicesWereShippedWith) {
  FolderMetadata published = Published();
  Stage stage = Second("stage");
  for (const char* name : {"anna", "boris"}) {
    ASSERT_TRUE(stage.Sign(fs_, Key(name)).ok());
  }
  tuf::Draft foreign = tuf::Draft::New(tuf::RoleType::kRoot, kExpires);
  ASSERT_TRUE(foreign.AddKey("root", Key("mallory").public_key()).ok());
  EXPECT_FALSE(CheckDevicesWalk(published, Signed(foreign, {"mallory"}), stage).ok());
}

}  // namespace
}  // namespace flotilla::fleetctl

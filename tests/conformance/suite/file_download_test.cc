// Family test_file_download: the signed bytes or none, and none twice.
#include <string>
#include <vector>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FileDownload : public ClientTest {
 protected:
  void SetUp() override { ASSERT_EQ(0, Init()); }
};

TEST_F(FileDownload, BringsTheFile) {
  simulator_.AddTarget("targets", "file.txt", "contents");
  simulator_.PublishAll();
  ASSERT_EQ(0, Refresh());
  EXPECT_THAT(Artifacts(), IsEmpty());
  EXPECT_EQ(0, Download({"file.txt"})) << last_error_;
  EXPECT_THAT(Artifacts(), ElementsAre("contents"));
  EXPECT_THAT(TargetRequests(), ElementsAre(SimulatorSha256Hex("contents") + ".file.txt"));
}

TEST_F(FileDownload, PutsTheHashBeforeTheLastSegment) {
  simulator_.AddTarget("targets", "path/to/file.txt", "contents");
  simulator_.PublishAll();
  EXPECT_EQ(0, Download({"path/to/file.txt"})) << last_error_;
  EXPECT_THAT(Artifacts(), ElementsAre("contents"));
  EXPECT_THAT(TargetRequests(),
              ElementsAre("path/to/" + SimulatorSha256Hex("contents") + ".file.txt"));
}

TEST_F(FileDownload, RefusesOtherBytesUnderTheRightName) {
  simulator_.AddTarget("targets", "one", "contents one");
  simulator_.AddTarget("targets", "two", "contents two");
  simulator_.PublishAll();
  ASSERT_EQ(0, Download({"one"}));
  for (const char* bytes : {"malicious !!", "malicious and longer", "short", ""}) {
    for (auto& [path, content] : simulator_.targets()) {
      content = bytes;
    }
    EXPECT_EQ(0, Download({"one"}));  // what was verified once is not asked for again
    EXPECT_EQ(1, Download({"two"})) << bytes;
    EXPECT_THAT(Artifacts(), ElementsAre("contents one"));
  }
}

using ShippedDefects = FileDownload;

// A client said "verified" and ended with 0 after the verification had failed.
TEST_F(ShippedDefects, AFailedVerificationEndsWithZero) {
  simulator_.AddTarget("targets", "file", "contents");
  simulator_.PublishAll();
  simulator_.targets().at(SimulatorSha256Hex("contents") + ".file") = "c0ntents";
  EXPECT_EQ(1, Download({"file"}));
  EXPECT_THAT(last_error_, testing::HasSubstr("hash differs"));
  simulator_.metadata().at("2.targets.json")[0] = '[';
  EXPECT_EQ(0, Refresh());  // the copy that was verified before
  std::filesystem::remove(metadata_dir() / "targets.json");
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(1, Download({"file"}));
  EXPECT_THAT(Artifacts(), IsEmpty());
}

TEST_F(FileDownload, FollowsTenChanges) {
  std::string path = "file.txt";
  for (int round = 0; round < 10; ++round) {
    const std::string content = "contents " + std::to_string(round);
    simulator_.AddTarget("targets", path, content);
    simulator_.PublishAll();
    ASSERT_EQ(0, Download({path})) << last_error_;
    EXPECT_THAT(Artifacts(), ElementsAre(content));  // the same path is the same file
    simulator_.targets().clear();
    EXPECT_EQ(0, Download({path}));
  }
}

TEST_F(FileDownload, KeepsAnArtifactWithoutARequest) {
  simulator_.AddTarget("targets", "file.txt", "contents");
  simulator_.PublishAll();
  ASSERT_EQ(0, Download({"file.txt", "file.txt"}));
  EXPECT_THAT(TargetRequests(), SizeIs(1));
  ASSERT_EQ(0, Download({"file.txt"}));
  EXPECT_THAT(TargetRequests(), IsEmpty());
}

TEST_F(FileDownload, FetchesAnArtifactThatWasDamagedOnDisk) {
  simulator_.AddTarget("targets", "file.txt", "contents");
  simulator_.PublishAll();
  ASSERT_EQ(0, Download({"file.txt"}));
  for (const auto& entry : std::filesystem::directory_iterator(target_dir())) {
    std::ofstream(entry.path(), std::ios::binary) << "c0ntents";
  }
  EXPECT_EQ(0, Download({"file.txt"})) << last_error_;
  EXPECT_THAT(Artifacts(), ElementsAre("contents"));
}

TEST_F(FileDownload, TakesSeveralInOrderAndStopsAtTheFirstFailure) {
  simulator_.AddTarget("targets", "a", "A");
  simulator_.AddTarget("targets", "b", "B");
  simulator_.AddTarget("targets", "c", "C");
  simulator_.PublishAll();
  simulator_.targets().erase(SimulatorSha256Hex("B") + ".b");
  Requests();
  EXPECT_EQ(1, Download({"a", "b", "c"}));
  EXPECT_THAT(TargetRequests(),
              ElementsAre(SimulatorSha256Hex("A") + ".a", SimulatorSha256Hex("B") + ".b"));
  EXPECT_THAT(Requests(), SizeIs(4));  // one refresh, by one client
  EXPECT_THAT(Artifacts(), ElementsAre("A"));
}

TEST_F(FileDownload, TakesAnEmptyTarget) {
  simulator_.AddTarget("targets", "empty", "");
  simulator_.PublishAll();
  EXPECT_EQ(0, Download({"empty"})) << last_error_;
  EXPECT_THAT(Artifacts(), ElementsAre(""));
}

TEST_F(FileDownload, AsksForThePlainNameWithoutConsistentSnapshots) {
  simulator_.Role("root")["consistent_snapshot"] = false;
  simulator_.AddTarget("targets", "dir/file.txt", "contents");
  simulator_.Publish({"root", "targets", "snapshot", "timestamp"});
  EXPECT_EQ(0, Download({"dir/file.txt"})) << last_error_;
  EXPECT_THAT(Requests(), ElementsAre("2.root.json", "3.root.json", "timestamp.json",
                                      "snapshot.json", "targets.json"));
  EXPECT_THAT(TargetRequests(), ElementsAre("dir/file.txt"));
}

struct HashCase {
  std::string name;
  bool sha256 = false;
  bool sha512 = false;
  bool unknown = false;
  int exit_code = 1;
};

class TargetHashes : public ClientTest, public testing::WithParamInterface<HashCase> {
 protected:
  // Lists what the case says, with the hashes of `hashed`, and serves `served`.
  int DownloadWith(const std::string& hashed, const std::string& sha512_of,
                   const std::string& served) {
    simulator_.AddTarget("targets", "file.txt", hashed);
    auto& entry = simulator_.TargetOf("targets", "file.txt");
    boost::json::object hashes;
    if (GetParam().sha256) {
      hashes["sha256"] = SimulatorSha256Hex(hashed);
    }
    if (GetParam().sha512) {
      hashes["sha512"] = SimulatorSha512Hex(sha512_of);
    }
    if (GetParam().unknown) {
      hashes["blake9"] = "00";
    }
    for (const auto& member : hashes) {
      simulator_.targets()[std::string(member.value().as_string()) + ".file.txt"] = served;
    }
    entry["hashes"] = hashes;
    simulator_.PublishAll();
    EXPECT_EQ(0, Init());
    return Download({"file.txt"});
  }
};

TEST_P(TargetHashes, AreCheckedAsFarAsTheyAreKnown) {
  EXPECT_EQ(GetParam().exit_code, DownloadWith("contents", "contents", "contents")) << last_error_;
  EXPECT_THAT(Artifacts(), SizeIs(GetParam().exit_code == 0 ? 1 : 0));
}

TEST_P(TargetHashes, RefuseOtherBytes) {
  EXPECT_EQ(1, DownloadWith("contents", "contents", "c0ntents"));
  EXPECT_THAT(Artifacts(), IsEmpty());
}

TEST_P(TargetHashes, MustAllAgree) {
  if (GetParam().sha256 && GetParam().sha512) {
    EXPECT_EQ(1, DownloadWith("contents", "others", "contents"));
    EXPECT_THAT(Artifacts(), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Listed, TargetHashes,
                         testing::Values(HashCase{"sha256", true, false, false, 0},
                                         HashCase{"sha512", false, true, false, 0},
                                         HashCase{"both", true, true, false, 0},
                                         HashCase{"unknownBeside", true, false, true, 0},
                                         HashCase{"unknownAlone", false, false, true, 1},
                                         HashCase{"none", false, false, false, 1}),
                         [](const auto& chosen) { return chosen.param.name; });

}  // namespace
}  // namespace flotilla::conformance

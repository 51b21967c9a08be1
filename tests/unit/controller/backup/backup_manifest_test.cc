#include "controller/backup/backup_manifest.h"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "controller/backup/restore_mark.h"
#include "security/sha256.h"

namespace flotilla::controller {
namespace {

const Time kTaken = absl::FromUnixSeconds(1'767'225'600);

BackupManifest Sample() {
  BackupManifest manifest;
  manifest.id = "0123456789abcdef";
  manifest.taken_at = kTaken;
  manifest.program = "0.1.0";
  manifest.schema = 4;
  manifest.devices = 12;
  manifest.audit_seq = 345;
  manifest.snapshot_version = 6;
  manifest.timestamp_version = 78;
  manifest.secrets = BackupSecrets::kIncluded;
  const Digest digest = security::Sha256(AsBytes("content"));
  manifest.files = {{"fleet.db", 4096, digest}, {"repo/metadata/1.root.json", 0, digest}};
  manifest.elsewhere = {{"repo/blobs/" + digest.ToHex(), 7, digest}};
  return manifest;
}

TEST(BackupManifest, IsReadAsItWasWritten) {
  const auto read = ParseManifest(EncodeManifest(Sample()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(EncodeManifest(*read), EncodeManifest(Sample()));
  EXPECT_EQ(read->taken_at, kTaken);
  EXPECT_EQ(read->files.at(0).size_bytes, 4096U);
  EXPECT_EQ(read->elsewhere.size(), 1U);
  EXPECT_EQ(read->secrets, BackupSecrets::kIncluded);
}

TEST(BackupManifest, ThatIsCutOffAnywhereIsRefused) {
  const std::string text = EncodeManifest(Sample());
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(ParseManifest(text.substr(0, length)).status().code(), StatusCode::kDataLoss)
        << length;
  }
}

TEST(BackupManifest, WithOneBitChangedIsRefused) {
  const std::string text = EncodeManifest(Sample());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(ParseManifest(changed).ok()) << at;
  }
}

TEST(BackupManifest, NamesNoFileOutsideOfTheBackupAndNoneTwice) {
  for (const char* path : {"../fleet.db", "/etc/passwd", "repo//x", "repo/./x", "repo/", "a b",
                           "MANIFEST", "repo/../../x", "."}) {
    BackupManifest manifest = Sample();
    manifest.files[1].path = path;
    EXPECT_EQ(ParseManifest(EncodeManifest(manifest)).status().code(), StatusCode::kDataLoss)
        << path;
  }
  BackupManifest twice = Sample();
  twice.elsewhere[0].path = "fleet.db";
  EXPECT_EQ(ParseManifest(EncodeManifest(twice)).status().code(), StatusCode::kDataLoss);
}

TEST(RestoreMark, IsReadAsItWasWrittenOrRefused) {
  const RestoreMark mark{"0123456789abcdef",      kTaken,
                         kTaken + absl::Hours(2), 17,
                         1'767'232'800,           kTaken + absl::Hours(100)};
  const std::string text = EncodeRestoreMark(mark);
  const auto read = ParseRestoreMark(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(EncodeRestoreMark(*read), text);
  EXPECT_EQ(ParseRestoreMark(text.substr(0, text.size() - 1)).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(ParseRestoreMark(EncodeManifest(Sample())).status().code(),
            StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flotilla::controller

#ifndef FLOTILLA_TESTS_UNIT_CONTROLLER_RELEASE_CATALOGUE_FIXTURE_H_
#define FLOTILLA_TESTS_UNIT_CONTROLLER_RELEASE_CATALOGUE_FIXTURE_H_

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/release.pb.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/release/blob_repository.h"
#include "controller/release/catalogue.h"
#include "controller/release/online_keys.h"
#include "ota/format/release_document.h"
#include "security/sha256.h"
#include "security/tuf/key.h"
#include "tests/support/memory_repository.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {

inline const Time kNow = absl::FromUnixSeconds(1'767'225'600);
inline constexpr char kRole[] = "models-pump";

// Online keys "snapshot", "timestamp" and their successors "-2" of a publisher in memory.
class HeldKeys final : public OnlineKeys {
 public:
  explicit HeldKeys(MemoryRepository& keys) : keys_(keys) {}
  StatusOr<std::shared_ptr<security::Signer>> Find(const std::string& role,
                                                   const tuf::Root& root) override {
    const auto& ids = (role == "snapshot" ? root.snapshot : root.timestamp).key_ids;
    for (const std::string& name : {role, role + "-2"}) {
      security::KeyPair& key = keys_.Key(name);
      if (std::find(ids.begin(), ids.end(), tuf::KeyId(key.public_key())) != ids.end()) {
        return std::shared_ptr<security::Signer>(std::shared_ptr<void>(), &key);
      }
    }
    return FailedPrecondition("no " + role + " key");
  }

 private:
  MemoryRepository& keys_;
};

// A publisher with offline keys, and a controller with a catalogue on disk.
class CatalogueFixture : public testing::Test {
 protected:
  void SetUp() override {
    tuf::DelegationSpec spec;
    spec.name = kRole;
    spec.keys.push_back(publisher_.Key(kRole).public_key());
    spec.paths.emplace_back("models-pump/*");
    publisher_.Delegate(spec, kNow + absl::Hours(24 * 90));
    catalogue_ = OpenAt(kNow, fs_);
  }

  std::filesystem::path Folder() const { return dir_.path(); }
  std::unique_ptr<Catalogue> OpenAt(Time now, DurableFs& fs) {
    return Catalogue::Open({dir_.path(), {}, first_root_}, keys_, blobs_, fs, now).value();
  }

  ota::TargetRef Upload(const std::string& path, const std::string& text) {
    ota::TargetRef ref{path, security::Sha256(AsBytes(text)), text.size()};
    if (!blobs_.Has(ref.sha256)) {
      EXPECT_TRUE(blobs_.Append(ref.sha256, 0, AsBytes(text)).ok());
      EXPECT_TRUE(blobs_.Finish(ref.sha256, text.size()).ok());
    }
    return ref;
  }
  static ota::ReleaseDocument Document(const std::string& version, std::uint64_t counter,
                                       const ota::TargetRef& model, const ota::TargetRef& map) {
    ota::ReleaseDocument document;
    document.line = ModelLine::Parse("pump").value();
    document.version = version;
    document.release_counter = counter;
    document.notes = "notes of " + version;
    ota::ReleaseVariant variant;
    variant.name = "q8_0";
    variant.files.push_back({"model", model, map});
    document.variants.push_back(variant);
    return document;
  }
  // Uploads a release and lists its targets in the line's role; not signed yet.
  void AddRelease(tuf::Draft& role, const std::string& version, std::uint64_t counter) {
    const std::string stem = "models-pump/" + version;
    const ota::TargetRef model = Upload(stem + ".gguf", "weights of " + version);
    const ota::TargetRef map = Upload(stem + ".map", "leaves of " + version);
    const Bytes document =
        ota::EncodeReleaseDocument(Document(version, counter, model, map)).value();
    for (const ota::TargetRef& ref :
         {model, map, Upload(stem + ".release.json", ToText(document))}) {
      EXPECT_TRUE(role.AddTarget(ref.path, ref.length, ref.sha256, {}).ok());
    }
  }
  // Signs release `version` into the line's role.
  void SignRelease(const std::string& version, std::uint64_t counter,
                   const std::vector<std::string>& keys = {kRole}) {
    tuf::Draft role = publisher_.Edit(kRole);
    AddRelease(role, version, counter);
    publisher_.Put(kRole, role, keys);
  }

  v1::MetadataFile File(const std::string& name) {
    v1::MetadataFile file;
    file.set_name(name);
    file.set_content(ToText(publisher_.files().at(name)));
    return file;
  }
  StatusOr<Publication> Publish(const std::vector<std::string>& names, Time now = kNow) {
    std::vector<v1::MetadataFile> files;
    files.reserve(names.size());
    for (const std::string& name : names) {
      files.push_back(File(name));
    }
    return catalogue_->Publish(files, now);
  }
  // Root, targets and release 1.0.0.
  void PublishFirst() {
    SignRelease("1.0.0", 1);
    const auto publication = Publish({"1.root.json", "targets.json", "models-pump.json"});
    ASSERT_TRUE(publication.ok()) << publication.status();
  }

  void ExpectRefused(const StatusOr<Publication>& publication, StatusCode code,
                     v1::FailureReason reason) {
    EXPECT_EQ(publication.status().code(), code) << publication.status();
    EXPECT_EQ(ReasonNumber(publication.status()), reason) << publication.status();
  }
  // Nothing of a refused publication is seen.
  void ExpectOnlyFirst() {
    const auto served = Served();
    ASSERT_TRUE(served.ok()) << served.status();
    EXPECT_EQ(served->versions.snapshot, 1);
    EXPECT_EQ(served->versions.timestamp, 1);
    ASSERT_EQ(catalogue_->Releases().size(), 1U);
    EXPECT_EQ(catalogue_->Releases()[0].ref().version(), "1.0.0");
  }

  // What a device is served: every file of the metadata folder.
  StatusOr<tuf::FreshClientView> Served(Time now = kNow) const {
    tuf::RepositoryFiles files;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path() / "metadata")) {
      files[entry.path().filename().string()] = ReadFile(entry.path(), 5'000'000).value();
    }
    return tuf::FreshClientAccepts(files, now);
  }

  MemoryRepository publisher_{kNow};
  HeldKeys keys_{publisher_};
  std::optional<Digest> first_root_;
  TempDir dir_;
  OsDurableFs fs_;
  BlobRepository blobs_{dir_.path() / "blobs", fs_, 1 << 20};
  std::unique_ptr<Catalogue> catalogue_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_UNIT_CONTROLLER_RELEASE_CATALOGUE_FIXTURE_H_

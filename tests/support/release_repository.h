#ifndef FLOTILLA_TESTS_SUPPORT_RELEASE_REPOSITORY_H_
#define FLOTILLA_TESTS_SUPPORT_RELEASE_REPOSITORY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/release.pb.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "ota/format/release_document.h"
#include "security/key_file.h"
#include "security/tuf/client.h"
#include "security/tuf/online_roles.h"
#include "security/tuf/repository.h"
#include "tests/support/memory_blob_fetcher.h"

namespace flotilla::ota {

struct AdapterSpec {
  std::string name;
  Bytes bytes;
};

struct ReleaseSpec {
  std::string version;
  std::uint64_t counter = 1;
  Bytes model;
  // The model file of an earlier release in place of `model`.
  std::optional<VariantFile> base;
  std::vector<AdapterSpec> adapters;
  Bytes chat_template;  // empty for none
  Bytes golden;         // empty for none
  std::uint32_t floor_percent = 50;
  // Last change to the document before it is signed; may be empty.
  std::function<void(ReleaseDocument&)> edit;
};

// A publisher and a server in one process: really signed metadata of one line, blobs in a
// MemoryBlobFetcher.
class ReleaseRepository final : public tuf::MetadataFetcher {
 public:
  // `blobs` must outlive it.
  ReleaseRepository(const ModelLine& line, Time now, MemoryBlobFetcher& blobs);
  ~ReleaseRepository() override;
  ReleaseRepository(const ReleaseRepository&) = delete;
  ReleaseRepository& operator=(const ReleaseRepository&) = delete;

  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override;

  Bytes factory_root() const { return files_.at("1.root.json"); }
  // Signs the release into the line's role; Publish makes it seen.
  v1::ReleaseRef Add(const ReleaseSpec& spec);
  void RaiseFloor(std::int64_t counter);
  // A root that makes devices forget a higher floor, and the line's role with this one.
  void ResetFloor(std::int64_t counter);
  void Block(const Digest& digest);
  // New versions of the line's role, snapshot and timestamp.
  void Publish(Time now);

  // What the server hands out; edit it to attack.
  tuf::RepositoryFiles& files() { return files_; }
  // "models-pump/<sha256>.<name>".
  static std::string UrlPath(const TargetRef& target);
  // Of the release that Add made last.
  const ReleaseDocument& last_document() const { return last_; }
  // While set, every metadata request fails.
  void set_offline(Status status) { offline_ = std::move(status); }
  int requests() const { return requests_; }

 private:
  VariantFile AddFile(const std::string& kind, const std::string& name, const Bytes& bytes);

  TargetRef AddTarget(const std::string& name, const Bytes& bytes);

  ModelLine line_;
  MemoryBlobFetcher& blobs_;
  std::unique_ptr<security::KeyPair> root_key_;
  std::unique_ptr<security::KeyPair> targets_key_;
  std::unique_ptr<security::KeyPair> line_key_;
  std::unique_ptr<security::KeyPair> online_key_;
  tuf::Draft line_role_;
  std::int64_t line_version_ = 0;
  tuf::RepositoryFiles files_;
  ReleaseDocument last_;
  Status offline_;
  int requests_ = 0;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_TESTS_SUPPORT_RELEASE_REPOSITORY_H_

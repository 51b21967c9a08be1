#ifndef FLOTILLA_OTA_FETCH_BUNDLE_FETCHER_H_
#define FLOTILLA_OTA_FETCH_BUNDLE_FETCHER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "ota/fetch/blob_fetcher.h"
#include "ota/format/bundle_file.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

// Metadata and artifacts out of a bundle, instead of a server. What it hands out is as untrusted.
// One thread at a time.
class BundleFetcher final : public BlobFetcher, public tuf::MetadataFetcher {
 public:
  // Errors as ReadBundleIndex.
  static StatusOr<std::unique_ptr<BundleFetcher>> Open(const std::filesystem::path& file);
  BundleFetcher(const BundleFetcher&) = delete;
  BundleFetcher& operator=(const BundleFetcher&) = delete;
  ~BundleFetcher() override = default;

  const BundleIndex& index() const { return file_.index(); }

  // tuf::MetadataFetcher and BlobFetcher. UNAVAILABLE with FETCH_CONNECT: the medium is gone.
  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override;
  Status Fetch(const BlobRange& range, const BlobSink& sink, const std::stop_token& stop) override;

 private:
  explicit BundleFetcher(BundleFile file);

  BundleFile file_;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_BUNDLE_FETCHER_H_

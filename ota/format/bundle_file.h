#ifndef FLOTILLA_OTA_FORMAT_BUNDLE_FILE_H_
#define FLOTILLA_OTA_FORMAT_BUNDLE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "ota/format/bundle.h"

namespace flotilla::ota {

// An open bundle. Moves; thread-safe but for that.
class BundleFile {
 public:
  // Errors as ReadBundleIndex.
  static StatusOr<BundleFile> Open(const std::filesystem::path& file);

  const BundleIndex& index() const { return index_; }

  // Hands `length` bytes of the member from `offset` on to `sink`, in pieces; the sink's error ends
  // it. The range must lie in the member. UNAVAILABLE with FETCH_CONNECT: the medium is gone.
  Status Read(const BundleMember& member, std::uint64_t offset, std::uint64_t length,
              const std::function<Status(ByteView)>& sink) const;

  // "3.models-pump.json". NOT_FOUND with FETCH_NOT_FOUND; DATA_LOSS with FETCH_TOO_LARGE.
  StatusOr<Bytes> ReadMetadata(const std::string& file_name, std::uint64_t max_bytes) const;

 private:
  BundleFile(UniqueFd file, BundleIndex index);

  UniqueFd file_;
  BundleIndex index_;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FORMAT_BUNDLE_FILE_H_

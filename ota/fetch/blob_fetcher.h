#ifndef FLOTILLA_OTA_FETCH_BLOB_FETCHER_H_
#define FLOTILLA_OTA_FETCH_BLOB_FETCHER_H_

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::ota {

// A piece of a blob whose whole length is known from signed metadata.
struct BlobRange {
  std::string
      url_path;  // below the targets' base URL, already percent-safe: tuf::TargetInfo::url_path
  std::uint64_t offset = 0;  // bytes
  std::uint64_t length = 0;  // bytes wanted, at least 1; offset + length <= total
  std::uint64_t total = 0;   // length of the whole blob in bytes
};

// Takes the next bytes; an error ends the transfer, and Fetch returns it.
using BlobSink = std::function<Status(ByteView)>;

// Port: bytes of one blob from an untrusted source. Real: CurlFetcher. Fake: MemoryBlobFetcher
// (tests/support). Blocking; one call at a time.
class BlobFetcher {
 public:
  virtual ~BlobFetcher() = default;

  // Hands exactly `range.length` bytes to `sink`, in order; what was handed over before an error is
  // rightly placed. Errors, with FETCH_* reasons: UNAVAILABLE, DEADLINE_EXCEEDED (try again);
  // NOT_FOUND; DATA_LOSS (a body of another length, a wrong Content-Range); CANCELLED `stop`; the
  // sink's own.
  virtual Status Fetch(const BlobRange& range, const BlobSink& sink,
                       const std::stop_token& stop) = 0;

 protected:
  BlobFetcher() = default;
  BlobFetcher(const BlobFetcher&) = default;
  BlobFetcher& operator=(const BlobFetcher&) = default;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_BLOB_FETCHER_H_

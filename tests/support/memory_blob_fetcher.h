#ifndef FLOTILLA_TESTS_SUPPORT_MEMORY_BLOB_FETCHER_H_
#define FLOTILLA_TESTS_SUPPORT_MEMORY_BLOB_FETCHER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "ota/fetch/blob_fetcher.h"

namespace flotilla::ota {

// A server in memory, with the faults of real ones.
class MemoryBlobFetcher final : public BlobFetcher {
 public:
  Status Fetch(const BlobRange& range, const BlobSink& sink, const std::stop_token& stop) override;

  void Put(const std::string& url_path, Bytes bytes) { blobs_[url_path] = std::move(bytes); }
  // Null when there is none.
  Bytes* Find(const std::string& url_path);
  void Remove(const std::string& url_path) { blobs_.erase(url_path); }

  // After so many bytes more the link breaks (UNAVAILABLE), once.
  void BreakAfter(std::uint64_t bytes) { break_after_ = bytes; }
  // Bytes go out in pieces of this size.
  void set_piece_bytes(std::size_t bytes) { piece_bytes_ = bytes; }
  // Each request of this path runs the function before it is answered.
  void OnRequest(std::function<void(const BlobRange&)> hook) { hook_ = std::move(hook); }

  std::uint64_t bytes_served() const { return bytes_served_; }
  const std::vector<BlobRange>& requests() const { return requests_; }

 private:
  std::map<std::string, Bytes> blobs_;
  std::vector<BlobRange> requests_;
  std::function<void(const BlobRange&)> hook_;
  std::uint64_t break_after_ = UINT64_MAX;
  std::uint64_t bytes_served_ = 0;
  std::size_t piece_bytes_ = 1000;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_TESTS_SUPPORT_MEMORY_BLOB_FETCHER_H_

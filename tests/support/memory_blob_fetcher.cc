#include "tests/support/memory_blob_fetcher.h"

#include <algorithm>
#include <cstdint>
#include <stop_token>
#include <string>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {

Bytes* MemoryBlobFetcher::Find(const std::string& url_path) {
  const auto it = blobs_.find(url_path);
  return it == blobs_.end() ? nullptr : &it->second;
}

Status MemoryBlobFetcher::Fetch(const BlobRange& range, const BlobSink& sink,
                                const std::stop_token& stop) {
  requests_.push_back(range);
  if (hook_) {
    hook_(range);
  }
  const Bytes* blob = Find(range.url_path);
  if (blob == nullptr) {
    return WithReason(NotFound("HTTP status 404"), v1::FAILURE_REASON_FETCH_NOT_FOUND);
  }
  if (blob->size() != range.total) {
    return WithReason(DataLoss("another length"), v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  ByteView left = ByteView(*blob).subspan(range.offset, range.length);
  while (!left.empty()) {
    if (stop.stop_requested()) {
      return Cancelled("stopped");
    }
    if (break_after_ == 0) {
      break_after_ = UINT64_MAX;
      return WithReason(Unavailable("the link broke"), v1::FAILURE_REASON_FETCH_CONNECT);
    }
    const std::uint64_t size = std::min({static_cast<std::uint64_t>(left.size()), break_after_,
                                         static_cast<std::uint64_t>(piece_bytes_)});
    break_after_ -= break_after_ == UINT64_MAX ? 0 : size;
    bytes_served_ += size;
    FLOTILLA_RETURN_IF_ERROR(sink(left.first(size)));
    left = left.subspan(size);
  }
  return OkStatus();
}

}  // namespace flotilla::ota

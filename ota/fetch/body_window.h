#ifndef FLOTILLA_OTA_FETCH_BODY_WINDOW_H_
#define FLOTILLA_OTA_FETCH_BODY_WINDOW_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "ota/fetch/blob_fetcher.h"

namespace flotilla::ota {

// Finds the wanted piece of a blob in the body of one HTTP answer, whatever the server made of the
// range: 206 with the piece, or 200 with the whole, of which it skips what lies before the piece.
// Pure but for the sink.
class BodyWindow {
 public:
  BodyWindow(const BlobRange& range, const BlobSink& sink);

  // Call once before the first byte. DATA_LOSS with FETCH_RANGE_UNSUPPORTED: the answer is not the
  // piece that was asked for; with TRUST_LENGTH_MISMATCH: the server's file has another length.
  Status OnHeaders(int http_status, std::string_view content_range,
                   std::optional<std::uint64_t> content_length);
  // The next bytes of the body. DATA_LOSS with FETCH_TOO_LARGE at the first byte too many; the
  // sink's errors.
  Status OnBody(ByteView bytes);
  // Everything wanted was handed over and the rest of the body is of no interest.
  bool done() const { return delivered_ == range_.length && !ends_with_piece_; }
  std::uint64_t delivered() const { return delivered_; }

  // After the body's end: UNAVAILABLE with FETCH_CONNECT when bytes are missing.
  Status Finish() const;

 private:
  const BlobRange& range_;
  const BlobSink& sink_;
  std::uint64_t position_ = 0;   // of the next body byte in the blob
  std::uint64_t body_left_ = 0;  // bytes the body may still have
  std::uint64_t delivered_ = 0;
  bool ends_with_piece_ = false;  // the body is expected to end where the piece ends
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_BODY_WINDOW_H_

#include "ota/fetch/body_window.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/fetch/content_range.h"

namespace flotilla::ota {
namespace {

constexpr int kHttpOk = 200;
constexpr int kHttpPartialContent = 206;

Status NotTheRange(const std::string& what) {
  return WithReason(DataLoss(what), v1::FAILURE_REASON_FETCH_RANGE_UNSUPPORTED);
}

}  // namespace

BodyWindow::BodyWindow(const BlobRange& range, const BlobSink& sink) : range_(range), sink_(sink) {}

Status BodyWindow::OnHeaders(int http_status, std::string_view content_range,
                             std::optional<std::uint64_t> content_length) {
  if (http_status == kHttpPartialContent) {
    const std::optional<ContentRange> got = ParseContentRange(content_range);
    if (!got || got->first != range_.offset || got->last != range_.offset + range_.length - 1) {
      return NotTheRange("the server answered another range: " +
                         std::string(content_range.substr(0, 100)));
    }
    if (got->total && *got->total != range_.total) {
      return WithReason(DataLoss("the server's file is " + std::to_string(*got->total) +
                                 " bytes long, not " + std::to_string(range_.total)),
                        v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
    }
    position_ = range_.offset;
    body_left_ = range_.length;
    ends_with_piece_ = true;
    return OkStatus();
  }
  if (http_status != kHttpOk) {
    return WithReason(Unavailable("HTTP status " + std::to_string(http_status)),
                      v1::FAILURE_REASON_FETCH_HTTP_STATUS);
  }
  if (content_length && *content_length != range_.total) {
    return WithReason(DataLoss("the server's file is " + std::to_string(*content_length) +
                               " bytes long, not " + std::to_string(range_.total)),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  position_ = 0;
  body_left_ = range_.total;
  ends_with_piece_ = range_.offset + range_.length == range_.total;
  return OkStatus();
}

Status BodyWindow::OnBody(ByteView bytes) {
  if (bytes.size() > body_left_) {
    return WithReason(DataLoss("the body goes on behind its end"),
                      v1::FAILURE_REASON_FETCH_TOO_LARGE);
  }
  body_left_ -= bytes.size();
  const std::uint64_t begin = position_;
  position_ += bytes.size();
  const std::uint64_t end = range_.offset + range_.length;
  const std::uint64_t from = std::max(begin, range_.offset);
  const std::uint64_t to = std::min(position_, end);
  if (from >= to) {
    return OkStatus();
  }
  FLOTILLA_RETURN_IF_ERROR(sink_(bytes.subspan(from - begin, to - from)));
  delivered_ += to - from;
  return OkStatus();
}

Status BodyWindow::Finish() const {
  if (delivered_ == range_.length) {
    return OkStatus();
  }
  return WithReason(Unavailable("the connection ended after " + std::to_string(delivered_) +
                                " of " + std::to_string(range_.length) + " bytes"),
                    v1::FAILURE_REASON_FETCH_CONNECT);
}

}  // namespace flotilla::ota

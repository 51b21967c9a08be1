// One GET through libcurl. Included by fetch/*.cc only.
#ifndef FLOTILLA_OTA_FETCH_CURL_TRANSFER_H_
#define FLOTILLA_OTA_FETCH_CURL_TRANSFER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include <curl/curl.h>

#include "base/bytes.h"
#include "base/status.h"
#include "ota/fetch/curl_fetcher.h"

namespace flotilla::ota {

struct AnswerHead {
  int http_status = 0;
  std::string content_range;  // empty when the header is not there
  std::optional<std::uint64_t> content_length;
};

struct TransferHandlers {
  // Before the first byte of a 2xx answer's body, or at its end when it has none.
  std::function<Status(const AnswerHead&)> on_head;
  std::function<Status(ByteView)> on_body;
  // Asked after each piece: true ends the transfer well.
  std::function<bool()> is_done;
  // Once, however the transfer ended: how long it took.
  std::function<void(Duration)> on_end;
};

struct TransferRequest {
  std::string url;
  std::string range;  // "0-499"; empty for none
  std::uint32_t least_rate = 0;
  Duration slow_time;
  Duration deadline;  // zero for none
};

// Sends one request with the options' identity on `handle` (its settings are replaced, its
// connection kept). Errors: those of BlobFetcher::Fetch and of the handlers.
Status RunTransfer(CURL* handle, const CurlFetcherOptions& options, const TransferRequest& request,
                   const TransferHandlers& handlers, const std::stop_token& stop);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_CURL_TRANSFER_H_

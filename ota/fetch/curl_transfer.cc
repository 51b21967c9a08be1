#include "ota/fetch/curl_transfer.h"

#include <strings.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/fetch/curl_proxy.h"
#include "ota/fetch/server_check.h"
#include "security/tuf/limits.h"

namespace flotilla::ota {
namespace {

// A renewed certificate is taken up with the next connection; the one before opens nothing for
// long.
constexpr long kConnectionSeconds = 300;
constexpr std::string_view kContentRange = "content-range:";

// What the callbacks of one transfer share.
struct Transfer {
  CURL* handle = nullptr;
  const TransferHandlers* handlers = nullptr;
  std::stop_token stop;
  std::stop_token fetcher_stop;
  AnswerHead head;
  std::size_t header_bytes = 0;
  bool head_seen = false;
  bool done = false;
  Status status;
  std::array<char, CURL_ERROR_SIZE> error_text{};

  bool Cancelled() const { return stop.stop_requested() || fetcher_stop.stop_requested(); }

  Status SeeHead() {
    if (head_seen) {
      return OkStatus();
    }
    head_seen = true;
    long http_status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &http_status);
    head.http_status = static_cast<int>(http_status);
    curl_off_t length = -1;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) {
      head.content_length = static_cast<std::uint64_t>(length);
    }
    return handlers->on_head(head);
  }
};

bool HasPrefix(std::string_view line, std::string_view lower_prefix) {
  return line.size() >= lower_prefix.size() &&
         ::strncasecmp(line.data(), lower_prefix.data(), lower_prefix.size()) == 0;
}

std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  if (HasPrefix(line, "http/")) {
    transfer->head.content_range.clear();  // a redirect's headers do not count for what follows it
  }
  transfer->header_bytes += line.size();
  if (transfer->header_bytes > tuf::kMaxResponseHeaderBytes) {
    transfer->status = WithReason(DataLoss("the answer's headers are longer than 64 KiB"),
                                  v1::FAILURE_REASON_FETCH_TOO_LARGE);
    return 0;
  }
  if (HasPrefix(line, kContentRange)) {
    transfer->head.content_range = std::string(line.substr(kContentRange.size()));
  }
  return line.size();
}

std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view bytes(data, size * count);
  transfer->status = transfer->SeeHead();
  if (transfer->status.ok()) {
    transfer->status = transfer->handlers->on_body(AsBytes(bytes));
  }
  if (!transfer->status.ok()) {
    return 0;
  }
  transfer->done = transfer->handlers->is_done();
  return transfer->done ? 0 : bytes.size();  // 0 ends the transfer
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const Transfer*>(user)->Cancelled() ? 1 : 0;
}

// libcurl's setter takes any type; these name the three that are used.
bool SetLong(CURL* handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value) == CURLE_OK;
}
bool SetText(CURL* handle, CURLoption option, const std::string& value) {
  return value.empty() || curl_easy_setopt(handle, option, value.c_str()) == CURLE_OK;
}
long Millis(Duration duration) {
  return static_cast<long>(absl::ToInt64Milliseconds(duration));
}

bool SetIdentity(CURL* handle, const CurlFetcherOptions& options) {
  return SetText(handle, CURLOPT_CAINFO, options.ca_file.string()) &&
         SetText(handle, CURLOPT_SSLCERT, options.certificate_file.string()) &&
         SetText(handle, CURLOPT_SSLKEY, options.key_file.string()) &&
         InstallServerCheck(handle, options.check_server) &&
         SetLong(handle, CURLOPT_SSL_VERIFYPEER, 1) && SetLong(handle, CURLOPT_SSL_VERIFYHOST, 2) &&
         SetLong(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
}

bool SetRules(CURL* handle, const CurlFetcherOptions& options, const TransferRequest& request) {
  return SetText(handle, CURLOPT_PROTOCOLS_STR, options.protocols) &&
         SetText(handle, CURLOPT_REDIR_PROTOCOLS_STR, options.protocols) &&
         SetText(handle, CURLOPT_NOPROXY, options.no_proxy) &&
         InstallProxy(handle, options.proxy.get()) && SetLong(handle, CURLOPT_FOLLOWLOCATION, 1) &&
         SetLong(handle, CURLOPT_MAXREDIRS, tuf::kMaxRedirects) &&
         SetLong(handle, CURLOPT_HTTPGET, 1) && SetLong(handle, CURLOPT_PATH_AS_IS, 1) &&
         SetLong(handle, CURLOPT_FAILONERROR, 1) && SetLong(handle, CURLOPT_NOSIGNAL, 1) &&
         SetLong(handle, CURLOPT_MAXLIFETIME_CONN, kConnectionSeconds) &&
         SetLong(handle, CURLOPT_CONNECTTIMEOUT_MS, Millis(options.connect_timeout)) &&
         SetLong(handle, CURLOPT_TIMEOUT_MS, Millis(request.deadline)) &&
         SetLong(handle, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(request.least_rate)) &&
         SetLong(handle, CURLOPT_LOW_SPEED_TIME,
                 static_cast<long>(absl::ToInt64Seconds(request.slow_time))) &&
         SetText(handle, CURLOPT_URL, request.url) && SetText(handle, CURLOPT_RANGE, request.range);
}

bool SetCallbacks(CURL* handle, Transfer& transfer) {
  return curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &OnHeader) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &OnBody) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &OnProgress) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer.error_text.data()) == CURLE_OK &&
         SetLong(handle, CURLOPT_NOPROGRESS, 0);
}

Status HttpStatusError(CURL* handle, const std::string& url) {
  long http_status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &http_status);
  const std::string text = "HTTP status " + std::to_string(http_status) + " for " + url;
  switch (http_status) {
    case 403:
    case 404:
      return WithReason(NotFound(text), v1::FAILURE_REASON_FETCH_NOT_FOUND);
    case 416:
      return WithReason(DataLoss(text), v1::FAILURE_REASON_FETCH_RANGE_UNSUPPORTED);
    default:
      return WithReason(Unavailable(text), v1::FAILURE_REASON_FETCH_HTTP_STATUS);
  }
}

Status TimeoutError(CURL* handle, const std::string& text) {
  curl_off_t connected_after = 0;
  curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &connected_after);
  if (connected_after == 0) {
    return WithReason(Unavailable(text), v1::FAILURE_REASON_FETCH_CONNECT);
  }
  const bool slow = text.find("too slow") != std::string::npos;
  return WithReason(DeadlineExceeded(text),
                    slow ? v1::FAILURE_REASON_FETCH_TOO_SLOW : v1::FAILURE_REASON_FETCH_DEADLINE);
}

v1::FailureReason ReasonOf(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return v1::FAILURE_REASON_FETCH_DNS;
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return v1::FAILURE_REASON_FETCH_REDIRECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_SHUTDOWN_FAILED:
      return v1::FAILURE_REASON_FETCH_TLS;
    default:
      return v1::FAILURE_REASON_FETCH_CONNECT;
  }
}

Status Conclude(CURLcode code, Transfer& transfer, const security::HttpProxy* proxy,
                const std::string& url) {
  if (!transfer.status.ok()) {
    return transfer.status;
  }
  if (transfer.done) {
    return OkStatus();
  }
  if (code == CURLE_OK) {
    return transfer.SeeHead();
  }
  if (transfer.Cancelled()) {
    return Cancelled("the transfer was stopped: " + url);
  }
  const std::string_view detail(transfer.error_text.data());
  const std::string text =
      url + ": " + (detail.empty() ? curl_easy_strerror(code) : std::string(detail));
  FLOTILLA_RETURN_IF_ERROR(ProxyFailure(transfer.handle, code, proxy, url, text));
  if (code == CURLE_HTTP_RETURNED_ERROR) {
    return HttpStatusError(transfer.handle, url);
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return TimeoutError(transfer.handle, text);
  }
  return WithReason(Unavailable(text), ReasonOf(code));
}

}  // namespace

Status RunTransfer(CURL* handle, const CurlFetcherOptions& options, const TransferRequest& request,
                   const TransferHandlers& handlers, const std::stop_token& stop) {
  Transfer transfer;
  transfer.handle = handle;
  transfer.handlers = &handlers;
  transfer.stop = stop;
  transfer.fetcher_stop = options.stop;
  if (transfer.Cancelled()) {
    return Cancelled("the transfer was stopped: " + request.url);
  }
  curl_easy_reset(handle);
  if (!SetIdentity(handle, options) || !SetRules(handle, options, request) ||
      !SetCallbacks(handle, transfer)) {
    return Internal("libcurl refused an option for " + request.url);
  }
  const CURLcode code = curl_easy_perform(handle);
  curl_off_t spent = 0;  // microseconds
  curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &spent);
  handlers.on_end(absl::Microseconds(spent));
  Status status = Conclude(code, transfer, options.proxy.get(), request.url);
  curl_easy_reset(handle);  // it must not keep pointers into `transfer`
  return status;
}

}  // namespace flotilla::ota

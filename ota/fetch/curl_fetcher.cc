#include "ota/fetch/curl_fetcher.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/fetch/body_window.h"
#include "ota/fetch/curl_ptr.h"
#include "ota/fetch/curl_transfer.h"

namespace flotilla::ota {

struct CurlFetcher::State {
  CurlFetcherOptions options;
  CurlEasyPtr handle;
  Duration round_spent;  // by the metadata transfers of this round
};

CurlFetcher::CurlFetcher(std::unique_ptr<State> state) : state_(std::move(state)) {}

CurlFetcher::~CurlFetcher() = default;

StatusOr<std::unique_ptr<CurlFetcher>> CurlFetcher::Create(CurlFetcherOptions options) {
  if (!options.metadata_url.ends_with('/') || !options.targets_url.ends_with('/')) {
    return InvalidArgument("a base URL does not end in '/'");
  }
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  state->handle.reset(curl_easy_init());
  if (state->handle == nullptr) {
    return ResourceExhausted("libcurl does not start");
  }
  return std::unique_ptr<CurlFetcher>(new CurlFetcher(std::move(state)));
}

StatusOr<Bytes> CurlFetcher::Fetch(const std::string& file_name, std::uint64_t max_bytes) {
  const CurlFetcherOptions& options = state_->options;
  const Duration left = options.metadata_deadline - state_->round_spent;
  if (left < absl::Milliseconds(1)) {
    return WithReason(DeadlineExceeded(file_name + ": the time for this refresh is used up"),
                      v1::FAILURE_REASON_FETCH_DEADLINE);
  }
  TransferRequest request;
  request.url = options.metadata_url + file_name;
  request.least_rate = options.metadata_least_rate;
  request.slow_time = options.metadata_slow_time;
  request.deadline = left;
  Bytes body;
  TransferHandlers handlers;
  handlers.on_head = [](const AnswerHead&) { return OkStatus(); };
  handlers.is_done = [] { return false; };
  handlers.on_end = [&](Duration spent) { state_->round_spent += spent; };
  handlers.on_body = [&](ByteView bytes) {
    if (bytes.size() > max_bytes - body.size()) {
      return WithReason(
          DataLoss(file_name + " is longer than " + std::to_string(max_bytes) + " bytes"),
          v1::FAILURE_REASON_FETCH_TOO_LARGE);
    }
    body.insert(body.end(), bytes.begin(), bytes.end());
    return OkStatus();
  };
  FLOTILLA_RETURN_IF_ERROR(
      RunTransfer(state_->handle.get(), options, request, handlers, std::stop_token()));
  return body;
}

void CurlFetcher::StartRound() {
  state_->round_spent = absl::ZeroDuration();
}

Status CurlFetcher::Fetch(const BlobRange& range, const BlobSink& sink,
                          const std::stop_token& stop) {
  const CurlFetcherOptions& options = state_->options;
  if (range.length == 0 || range.length > range.total ||
      range.offset > range.total - range.length) {
    return InvalidArgument("not a range of " + range.url_path);
  }
  TransferRequest request;
  request.url = options.targets_url + range.url_path;
  if (range.length < range.total) {
    request.range =
        std::to_string(range.offset) + "-" + std::to_string(range.offset + range.length - 1);
  }
  request.least_rate = options.targets_least_rate;
  request.slow_time = options.targets_slow_time;
  BodyWindow window(range, sink);
  TransferHandlers handlers;
  handlers.on_head = [&](const AnswerHead& head) {
    return window.OnHeaders(head.http_status, head.content_range, head.content_length);
  };
  handlers.on_body = [&](ByteView bytes) { return window.OnBody(bytes); };
  handlers.is_done = [&] { return window.done(); };
  handlers.on_end = [](Duration) {};
  FLOTILLA_RETURN_IF_ERROR(RunTransfer(state_->handle.get(), options, request, handlers, stop));
  return window.Finish();
}

}  // namespace flotilla::ota

// Metadata and artifacts by HTTPS GET, with the device's certificate. The rules: no request but
// GET, no retry, at most 3 redirects and those to the same protocols, a body cut at its limit plus
// one byte, nothing slower than the floors.
#ifndef FLOTILLA_OTA_FETCH_CURL_FETCHER_H_
#define FLOTILLA_OTA_FETCH_CURL_FETCHER_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "ota/fetch/blob_fetcher.h"
#include "security/http_proxy.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

struct CurlFetcherOptions {
  std::string metadata_url;  // both end in '/' and are used as they stand, no encoding added
  std::string targets_url;
  // PEM files, read at each new connection, so that a renewed certificate is taken up. Empty
  // certificate: none is shown. Empty CA: the system's.
  std::filesystem::path ca_file;
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
  // Judges the certificate of the server (PEM) in place of OpenSSL, which would ask the system's
  // clock; libcurl still compares the host name. Empty: OpenSSL does.
  std::function<Status(std::string_view leaf_pem)> check_server;
  // Comma-separated list of the protocols that requests and redirects may use.
  std::string protocols = "https";
  // For every request, whatever the environment says; null: the environment's, if it names one.
  std::shared_ptr<const security::HttpProxy> proxy = nullptr;
  // Hosts that no proxy of the environment is used for, comma-separated; "*": all.
  std::string no_proxy;
  Duration connect_timeout = absl::Seconds(30);
  // All transfers of one refresh or search together (tuf::MetadataFetcher::StartRound).
  Duration metadata_deadline = absl::Seconds(300);
  // Slower than so many bytes a second over the time: FETCH_TOO_SLOW.
  std::uint32_t metadata_least_rate = 1024;
  Duration metadata_slow_time = absl::Seconds(60);
  std::uint32_t targets_least_rate = 4096;
  Duration targets_slow_time = absl::Seconds(120);
  // Ends every transfer with CANCELLED, those of metadata too.
  std::stop_token stop;
};

// One thread at a time. Keeps its connection between calls.
class CurlFetcher final : public BlobFetcher, public tuf::MetadataFetcher {
 public:
  // INVALID_ARGUMENT: a URL that does not end in '/', or options that libcurl does not take.
  static StatusOr<std::unique_ptr<CurlFetcher>> Create(CurlFetcherOptions options);
  CurlFetcher(const CurlFetcher&) = delete;
  CurlFetcher& operator=(const CurlFetcher&) = delete;
  ~CurlFetcher() override;

  // tuf::MetadataFetcher. Errors as there, and CANCELLED. A round whose deadline is used up is
  // DEADLINE_EXCEEDED with FETCH_DEADLINE, without a request.
  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override;
  void StartRound() override;
  // BlobFetcher. A server that ignores the range is read past (what lies before the piece is thrown
  // away).
  Status Fetch(const BlobRange& range, const BlobSink& sink, const std::stop_token& stop) override;

 private:
  struct State;

  explicit CurlFetcher(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_CURL_FETCHER_H_

// A plain HTTP and HTTPS client for tests, over libcurl.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_HTTP_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_HTTP_H_

#include <filesystem>
#include <string>

#include "base/time.h"

namespace flotilla::e2e {

struct HttpOptions {
  std::string body;  // POST with JSON when not empty, else GET
  Duration limit = absl::Seconds(30);
  // For HTTPS; empty ones are not used. Without a CA the server is not checked.
  std::filesystem::path ca;
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct HttpResult {
  std::string error;  // libcurl's, empty when an answer came
  long status = 0;
  std::string body;
};

// Each call has its own connection. Thread-safe.
HttpResult HttpCall(const std::string& url, const HttpOptions& options = {});

// Chat completion request with one user message, temperature 0.
std::string ChatBody(const std::string& model, const std::string& question);
// The text of a chat completion; empty when `body` is none.
std::string ChatAnswer(const std::string& body);

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_HTTP_H_

#include "tests/e2e/support/http.h"

#include <memory>
#include <string>

#include <curl/curl.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace flotilla::e2e {
namespace {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t Append(const char* data, std::size_t size, std::size_t count, void* target) {
  static_cast<std::string*>(target)->append(data, size * count);
  return size * count;
}

void SetFile(CURL* handle, CURLoption option, const std::filesystem::path& file) {
  if (!file.empty()) {
    curl_easy_setopt(handle, option, file.c_str());
  }
}

}  // namespace

HttpResult HttpCall(const std::string& url, const HttpOptions& options) {
  HttpResult result;
  const std::unique_ptr<CURL, EasyDeleter> handle(curl_easy_init());
  const std::unique_ptr<curl_slist, ListDeleter> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"));
  CURL* const curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options.limit)));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &result.body);
  if (!options.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(options.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, options.body.c_str());
  }
  if (options.ca.empty()) {
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  SetFile(curl, CURLOPT_CAINFO, options.ca);
  SetFile(curl, CURLOPT_SSLCERT, options.certificate);
  SetFile(curl, CURLOPT_SSLKEY, options.key);
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) {
    result.error = curl_easy_strerror(code);
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &result.status);
  return result;
}

std::string ChatBody(const std::string& model, const std::string& question) {
  const boost::json::value body = {{"model", model},
                                   {"messages", boost::json::array{boost::json::object{
                                                    {"role", "user"}, {"content", question}}}},
                                   {"temperature", 0},
                                   {"max_tokens", 64}};
  return boost::json::serialize(body);
}

std::string ChatAnswer(const std::string& body) {
  boost::system::error_code error;
  const boost::json::value answer = boost::json::parse(body, error);
  if (error) {
    return {};
  }
  const auto content = answer.find_pointer("/choices/0/message/content", error);
  return content == nullptr || !content->is_string() ? std::string()
                                                     : std::string(content->as_string());
}

}  // namespace flotilla::e2e

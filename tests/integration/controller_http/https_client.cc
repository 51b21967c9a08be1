#include "tests/integration/controller_http/https_client.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <curl/curl.h>

namespace flotilla::http {
namespace {

struct Collector {
  Answer* answer;
  std::size_t enough;
};

std::size_t TakeBody(char* data, std::size_t size, std::size_t count, void* context) {
  const auto* collector = static_cast<Collector*>(context);
  collector->answer->body.append(data, size * count);
  const bool full = collector->enough != 0 && collector->answer->body.size() >= collector->enough;
  return full ? 0 : size * count;
}

std::size_t TakeHeader(char* data, std::size_t size, std::size_t count, void* context) {
  const std::string line(data, size * count);
  const std::size_t colon = line.find(": ");
  if (colon != std::string::npos) {
    std::string name = line.substr(0, colon);
    for (char& c : name) {
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    (*static_cast<Answer*>(context)).headers[name] =
        line.substr(colon + 2, line.size() - colon - 4);
  }
  return size * count;
}

curl_blob Blob(const std::string& text) {
  return {const_cast<char*>(text.data()), text.size(),
          CURL_BLOB_COPY};  // libcurl copies, it does not write
}

void ShowIdentity(CURL* curl, const TestIdentity& identity) {
  curl_blob chain = Blob(identity.chain_pem);
  curl_blob key = Blob(identity.key_pem);
  curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &chain);
  curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &key);
}

}  // namespace

Answer Ask(std::uint16_t port, const std::string& ca_pem, const TestIdentity* identity,
           const Call& call) {
  Answer answer;
  Collector collector{&answer, call.enough};
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  const std::string url = "https://127.0.0.1:" + std::to_string(port) + call.path;
  curl_blob ca = Blob(ca_pem);
  curl_slist* headers = nullptr;
  for (const std::string& header : call.headers) {
    headers = curl_slist_append(headers, header.c_str());
  }
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CAINFO_BLOB, &ca);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 30L);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &TakeBody);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &collector);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, &TakeHeader);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer);
  if (call.method == "HEAD") {
    curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
  } else if (call.method != "GET") {
    curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, call.method.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(call.body.size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, call.body.data());
  }
  if (identity != nullptr) {
    ShowIdentity(curl.get(), *identity);
  }
  const CURLcode code = curl_easy_perform(curl.get());
  answer.connected = code == CURLE_OK || (code == CURLE_WRITE_ERROR && call.enough != 0);
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  curl_slist_free_all(headers);
  return answer;
}

}  // namespace flotilla::http

#include "ota/fetch/curl_proxy.h"

#include <string>

namespace flotilla::ota {
namespace {

constexpr long kLeastRefusal = 300;

bool SetText(CURL* handle, CURLoption option, const std::string& value) {
  return curl_easy_setopt(handle, option, value.c_str()) == CURLE_OK;
}
bool SetLong(CURL* handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value) == CURLE_OK;
}

}  // namespace

bool InstallProxy(CURL* handle, const security::HttpProxy* proxy) {
  if (proxy == nullptr) {
    return true;
  }
  // The headers of its answer are not the server's.
  const bool set = SetText(handle, CURLOPT_PROXY, "http://" + proxy->address()) &&
                   SetText(handle, CURLOPT_NOPROXY, "") &&
                   SetLong(handle, CURLOPT_HTTPPROXYTUNNEL, 1) &&
                   SetLong(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
  if (!set || proxy->credentials().empty()) {
    return set;
  }
  return SetLong(handle, CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC)) &&
         SetText(handle, CURLOPT_PROXYUSERPWD, std::string(proxy->credentials().view()));
}

Status ProxyFailure(CURL* handle, CURLcode code, const security::HttpProxy* proxy,
                    const std::string& url, const std::string& detail) {
  if (proxy == nullptr || code == CURLE_OK) {
    return OkStatus();
  }
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_PROXY) {
    return proxy->Away(detail);
  }
  long answered = 0;
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &answered);
  return answered >= kLeastRefusal ? proxy->Refused(static_cast<int>(answered), url) : OkStatus();
}

}  // namespace flotilla::ota

// How libcurl is told of a proxy, and what it says when one is in the way. Included by fetch/*.cc
// only.
#ifndef FLOTILLA_OTA_FETCH_CURL_PROXY_H_
#define FLOTILLA_OTA_FETCH_CURL_PROXY_H_

#include <string>

#include <curl/curl.h>

#include "base/status.h"
#include "security/http_proxy.h"

namespace flotilla::ota {

// Everything that `handle` asks for goes through the proxy, by CONNECT, plain http too. Null: as
// before. False: libcurl refused an option.
bool InstallProxy(CURL* handle, const security::HttpProxy* proxy);

// OK unless `code`, with which a transfer of `url` ended, is of the proxy's making; then
// HttpProxy's words. `detail` is libcurl's text.
Status ProxyFailure(CURL* handle, CURLcode code, const security::HttpProxy* proxy,
                    const std::string& url, const std::string& detail);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_CURL_PROXY_H_

// Owners of libcurl's objects. Included by fetch/*.cc only.
#ifndef FLOTILLA_OTA_FETCH_CURL_PTR_H_
#define FLOTILLA_OTA_FETCH_CURL_PTR_H_

#include <memory>

#include <curl/curl.h>

namespace flotilla::ota {

struct CurlEasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlEasyPtr = std::unique_ptr<CURL, CurlEasyCleanup>;

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_CURL_PTR_H_

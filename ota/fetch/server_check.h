// Puts a check of our own in place of OpenSSL's. Included by fetch/*.cc only.
#ifndef FLOTILLA_OTA_FETCH_SERVER_CHECK_H_
#define FLOTILLA_OTA_FETCH_SERVER_CHECK_H_

#include <functional>
#include <string_view>

#include <curl/curl.h>

#include "base/status.h"

namespace flotilla::ota {

// `check` must outlive the transfer; an empty one leaves OpenSSL's. False: libcurl refuses.
bool InstallServerCheck(CURL* handle, const std::function<Status(std::string_view)>& check);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_SERVER_CHECK_H_

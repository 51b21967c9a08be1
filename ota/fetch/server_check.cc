#include "ota/fetch/server_check.h"

#include <string>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/log.h"
#include "security/x509/certificate.h"

namespace flotilla::ota {
namespace {

using Check = std::function<Status(std::string_view)>;

int Verify(X509_STORE_CTX* store, void* user) {
  const auto& check = *static_cast<const Check*>(user);
  const auto leaf = security::CertificatePem(X509_STORE_CTX_get0_cert(store));
  const Status checked = leaf.ok() ? check(*leaf) : leaf.status();
  if (!checked.ok()) {
    LogStatus(LogLevel::kWarning, "fetch.server_refused", checked);
  }
  X509_STORE_CTX_set_error(store, checked.ok() ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
  return checked.ok() ? 1 : 0;
}

CURLcode Prepare(CURL* /*handle*/, void* context, void* user) {
  SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(context), &Verify, user);
  return CURLE_OK;
}

}  // namespace

bool InstallServerCheck(CURL* handle, const Check& check) {
  if (!check) {
    return true;
  }
  // libcurl hands the pointer back untouched; Verify only reads.
  void* const user = const_cast<Check*>(&check);
  return curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, &Prepare) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, user) == CURLE_OK;
}

}  // namespace flotilla::ota

#include "security/http_proxy.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstddef>

#include <string_view>
#include <utility>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include "absl/strings/str_cat.h"

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::string_view kBasic = "Basic ";
constexpr int kForbidden = 403;
constexpr int kWantsCredentials = 407;
constexpr int kServerErrors = 500;
constexpr unsigned kOthers = 077;

bool IsPort(std::string_view text) {
  constexpr std::size_t kMostDigits = 5;
  return !text.empty() && text.size() <= kMostDigits &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

StatusOr<std::string> AddressOf(const std::string& url) {
  const Status wrong = InvalidArgument(absl::StrCat("proxy: '", url, "' is not http://host:port"));
  if (url.find('@') != std::string::npos) {
    return InvalidArgument("proxy: user and password stand in proxy_credentials_file, not here");
  }
  if (!url.starts_with(kScheme)) {
    return wrong;
  }
  std::string_view address = std::string_view(url).substr(kScheme.size());
  if (address.ends_with('/')) {
    address.remove_suffix(1);
  }
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !IsPort(address.substr(colon + 1))) {
    return wrong;
  }
  const std::string_view host = address.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (host.find_first_of("/?# \t\r\n") != std::string_view::npos ||
      (!bracketed && host.find(':') != std::string_view::npos)) {
    return wrong;
  }
  return std::string(address);
}

StatusOr<Secret> CredentialsOf(const std::filesystem::path& file) {
  if (file.empty()) {
    return Secret();
  }
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    return Annotate(ErrnoStatus(errno, file.string()), "proxy_credentials_file");
  }
  if ((info.st_mode & kOthers) != 0) {
    return FailedPrecondition(
        absl::StrCat("proxy_credentials_file: others than its owner may read ", file.string(),
                     ": chmod 600 it"));
  }
  StatusOr<Secret> credentials = ReadSecretFile(file);
  if (!credentials.ok()) {
    return Annotate(credentials.status(), "proxy_credentials_file");
  }
  const std::string_view text = credentials->view();
  if (text.find(':') == std::string_view::npos || text.front() == ':') {
    return InvalidArgument(
        absl::StrCat("proxy_credentials_file: ", file.string(), " does not hold user:password"));
  }
  return credentials;
}

}  // namespace

HttpProxy::HttpProxy(std::string address, Secret credentials)
    : address_(std::move(address)), credentials_(std::move(credentials)) {}

StatusOr<std::shared_ptr<const HttpProxy>> HttpProxy::Read(
    const std::string& url, const std::filesystem::path& credentials_file) {
  FLOTILLA_ASSIGN_OR_RETURN(std::string address, AddressOf(url));
  FLOTILLA_ASSIGN_OR_RETURN(Secret credentials, CredentialsOf(credentials_file));
  return std::shared_ptr<const HttpProxy>(
      new HttpProxy(std::move(address), std::move(credentials)));
}

Secret HttpProxy::Authorization() const {
  if (credentials_.empty()) {
    return {};
  }
  const std::string_view plain = credentials_.view();
  // OpenSSL writes four characters for each three bytes, and a zero.
  std::vector<char> text(kBasic.size() + (plain.size() + 2) / 3 * 4 + 1);
  kBasic.copy(text.data(), kBasic.size());
  const int size =
      EVP_EncodeBlock(static_cast<unsigned char*>(static_cast<void*>(text.data() + kBasic.size())),
                      static_cast<const unsigned char*>(static_cast<const void*>(plain.data())),
                      static_cast<int>(plain.size()));
  Secret made({text.data(), kBasic.size() + static_cast<std::size_t>(size)});
  OPENSSL_cleanse(text.data(), text.size());
  return made;
}

Status HttpProxy::Refused(int http_status, const std::string& target) const {
  std::string text = absl::StrCat("the proxy ", address_, " answered ", http_status,
                                  " when asked for ", target, ": ");
  if (http_status == kWantsCredentials) {
    text += credentials_.empty() ? "it wants a user and a password: name proxy_credentials_file"
                                 : "it does not take what proxy_credentials_file says";
  } else if (http_status == kForbidden) {
    text += "have it allow CONNECT to there";
  } else if (http_status >= kServerErrors) {
    text += "it does not reach the controller";
  } else {
    text += "is it an HTTP proxy, and does it allow CONNECT to there?";
  }
  return WithReason(Unavailable(text), v1::FAILURE_REASON_FETCH_CONNECT);
}

Status HttpProxy::Away(const std::string& detail) const {
  return WithReason(Unavailable(absl::StrCat("the proxy ", address_, " does not answer (", detail,
                                             "): check proxy in agent.yaml and the way to it")),
                    v1::FAILURE_REASON_FETCH_CONNECT);
}

}  // namespace flotilla::security

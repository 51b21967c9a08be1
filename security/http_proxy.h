#ifndef FLOTILLA_SECURITY_HTTP_PROXY_H_
#define FLOTILLA_SECURITY_HTTP_PROXY_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/status.h"
#include "security/secret.h"

namespace flotilla::security {

// An HTTP proxy that is asked to CONNECT (RFC 9110, section 9.3.6) to the server that is meant. TLS
// is between this program and the server: the proxy learns their names and ports, and forwards
// bytes. Immutable, so thread-safe.
class HttpProxy {
 public:
  // `url` is "http://host:port", of an IPv6 address "http://[::1]:3128". The first line of
  // `credentials_file` is "user:password"; empty: the proxy asks for none. INVALID_ARGUMENT:
  // another form of either; FAILED_PRECONDITION: not its owner alone may read the file; NOT_FOUND.
  static StatusOr<std::shared_ptr<const HttpProxy>> Read(
      const std::string& url, const std::filesystem::path& credentials_file);

  // "host:port".
  const std::string& address() const { return address_; }
  // "user:password"; empty: none.
  const Secret& credentials() const { return credentials_; }
  // Value of the header Proxy-Authorization (RFC 7617); empty: there is none to send.
  Secret Authorization() const;

  // What to tell whoever set the proxy up: it answered a CONNECT to `target` with this status, or
  // gave no answer. UNAVAILABLE (FETCH_CONNECT): try again.
  Status Refused(int http_status, const std::string& target) const;
  Status Away(const std::string& detail) const;

 private:
  HttpProxy(std::string address, Secret credentials);

  const std::string address_;
  const Secret credentials_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_HTTP_PROXY_H_

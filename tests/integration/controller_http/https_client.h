#ifndef FLOTILLA_TESTS_INTEGRATION_CONTROLLER_HTTP_HTTPS_CLIENT_H_
#define FLOTILLA_TESTS_INTEGRATION_CONTROLLER_HTTP_HTTPS_CLIENT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/integration/controller_http/test_identities.h"

namespace flotilla::http {

struct Answer {
  bool connected = false;  // a whole HTTP answer came
  long status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
};

struct Call {
  std::string method = "GET";
  std::string path;
  std::vector<std::string> headers;
  std::string body;
  // Stop after so many bytes of body, as a person who closes the page; 0: never.
  std::size_t enough = 0;
};

// One HTTPS request by libcurl, an implementation that is not ours. `identity` may be null: no
// client certificate.
Answer Ask(std::uint16_t port, const std::string& ca_pem, const TestIdentity* identity,
           const Call& call);

}  // namespace flotilla::http

#endif  // FLOTILLA_TESTS_INTEGRATION_CONTROLLER_HTTP_HTTPS_CLIENT_H_

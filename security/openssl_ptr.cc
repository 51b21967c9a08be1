#include "security/openssl_ptr.h"

#include <array>
#include <string>

#include <openssl/err.h>

namespace flotilla::security {

std::string OpenSslErrors() {
  std::string text;
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    std::array<char, 256> line{};
    ERR_error_string_n(code, line.data(), line.size());
    text += text.empty() ? "" : "; ";
    text += line.data();
  }
  return text;
}

}  // namespace flotilla::security

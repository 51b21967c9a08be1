#include "security/openssl_ptr.h"

#include <array>
#include <string>

#include <openssl/err.h>

namespace flotilla::security {

std::string OpenSslErrors() {
  std::string text;
  const char* detail = nullptr;
  int flags = 0;
  while (true) {
    const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &detail, &flags);
    if (code == 0) {
      break;
    }
    std::array<char, 256> line{};
    ERR_error_string_n(code, line.data(), line.size());
    text += text.empty() ? "" : "; ";
    text += line.data();
    if (detail != nullptr && (flags & ERR_TXT_STRING) != 0 && *detail != '\0') {
      text += std::string(": ") + detail;
    }
  }
  return text;
}

}  // namespace flotilla::security

#ifndef FLOTILLA_SECURITY_PKCS11_PKCS11_URI_H_
#define FLOTILLA_SECURITY_PKCS11_PKCS11_URI_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "base/status.h"

namespace flotilla::security {

// A "pkcs11:" URI (RFC 7512), taken apart as far as this product reads it itself.
struct Pkcs11Uri {
  std::string path;                   // "pkcs11:token=flotilla;object=root": for the library
  std::string holder;                 // "token flotilla", for questions
  std::filesystem::path module_path;  // of ?module-path=
  std::filesystem::path pin_file;     // of ?pin-source=, with or without "file:"
};

// INVALID_ARGUMENT: not such a URI, names neither an object nor an id, an attribute unknown here,
// or pin-value: a PIN on a command line can be read by every process of the machine.
StatusOr<Pkcs11Uri> ParsePkcs11Uri(std::string_view text);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_PKCS11_PKCS11_URI_H_

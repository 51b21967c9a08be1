#ifndef FLOTILLA_TESTS_SUPPORT_SOFT_TOKEN_H_
#define FLOTILLA_TESTS_SUPPORT_SOFT_TOKEN_H_

#include <filesystem>
#include <string>

#include "base/status.h"

namespace flotilla {

// Keys in a PKCS#11 token in software (SoftHSM). All objects of a process share one token, which
// SOFTHSM2_CONF names for it and its children: libp11 keeps what it once saw of a module. The keys
// of each object are its own.
class SoftToken {
 public:
  static constexpr char kPin[] = "4711-pin";

  // NOT_FOUND names the missing package: softhsm2, opensc; a test fails then.
  Status Start();
  // `type` as pkcs11-tool names it: "EC:prime256v1", "rsa:2048".
  Status MakeKey(const std::string& type, const std::string& label);

  std::string Uri(const std::string& label) const {
    return "pkcs11:token=flotilla-test;object=" + prefix_ + label +
           "?module-path=" + module_.string();
  }

 private:
  std::filesystem::path module_;
  std::string prefix_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_SOFT_TOKEN_H_

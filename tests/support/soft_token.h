#ifndef FLOTILLA_TESTS_SUPPORT_SOFT_TOKEN_H_
#define FLOTILLA_TESTS_SUPPORT_SOFT_TOKEN_H_

#include <filesystem>
#include <string>

#include "base/status.h"
#include "tests/support/temp_dir.h"

namespace flotilla {

// A PKCS#11 token in software (SoftHSM) of its own. While it lives SOFTHSM2_CONF names it, for this
// process and its children; one at a time.
class SoftToken {
 public:
  static constexpr char kPin[] = "4711-pin";

  SoftToken() = default;
  ~SoftToken();
  SoftToken(const SoftToken&) = delete;
  SoftToken& operator=(const SoftToken&) = delete;

  // NOT_FOUND names the missing package: softhsm2, opensc; a test fails then.
  Status Start();
  // `type` as pkcs11-tool names it: "EC:prime256v1", "rsa:2048".
  Status MakeKey(const std::string& type, const std::string& label, const std::string& id) const;

  const std::filesystem::path& module() const { return module_; }
  std::string Uri(const std::string& label) const {
    return "pkcs11:token=flotilla-test;object=" + label + "?module-path=" + module_.string();
  }

 private:
  TempDir folder_;
  std::filesystem::path module_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_SOFT_TOKEN_H_

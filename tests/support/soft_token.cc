#include "tests/support/soft_token.h"

#include <cstdlib>

#include <fstream>

#include "tests/support/tool.h"

namespace flotilla {
namespace {

constexpr const char* kVariable = "SOFTHSM2_CONF";
constexpr const char* kModules[] = {"/usr/lib/softhsm/libsofthsm2.so",
                                    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                                    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"};

}  // namespace

// NOLINTBEGIN(concurrency-mt-unsafe): tests have one thread when they do this
SoftToken::~SoftToken() {
  ::unsetenv(kVariable);
}

Status SoftToken::Start() {
  for (const char* module : kModules) {
    if (module_.empty() && std::filesystem::exists(module)) {
      module_ = module;
    }
  }
  if (module_.empty()) {
    return NotFound("libsofthsm2.so is missing: install the package softhsm2");
  }
  const std::filesystem::path configuration = folder_.path() / "softhsm2.conf";
  std::filesystem::create_directory(folder_.path() / "tokens");
  std::ofstream(configuration) << "directories.tokendir = " << (folder_.path() / "tokens").string()
                               << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  ::setenv(kVariable, configuration.c_str(), 1);
  return RunTool({"softhsm2-util", "--init-token", "--free", "--label", "flotilla-test", "--pin",
                  kPin, "--so-pin", "so-" + std::string(kPin)},
                 "softhsm2");
}
// NOLINTEND(concurrency-mt-unsafe)

Status SoftToken::MakeKey(const std::string& type, const std::string& label,
                          const std::string& id) const {
  return RunTool({"pkcs11-tool", "--module", module_.string(), "--token-label", "flotilla-test",
                  "--login", "--pin", kPin, "--keypairgen", "--key-type", type, "--label", label,
                  "--id", id, "--usage-sign"},
                 "opensc");
}

}  // namespace flotilla

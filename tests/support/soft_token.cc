#include "tests/support/soft_token.h"

#include <cstdlib>

#include <fstream>
#include <optional>

#include "tests/support/temp_dir.h"
#include "tests/support/tool.h"

// The leak sanitizer has to see libp11's engine behind OpenSSL's allocations, which a fast
// unwinding loses (cmake/lsan_suppressions.txt).
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's name
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "fast_unwind_on_malloc=0";
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace flotilla {
namespace {

constexpr const char* kModules[] = {"/usr/lib/softhsm/libsofthsm2.so",
                                    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                                    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"};

struct Shared {
  TempDir folder;
  std::optional<Status> made;
  int objects = 0;
  int keys = 0;
};

Shared& OfThisProcess() {
  static Shared shared;
  return shared;
}

Status MakeToken(const std::filesystem::path& folder) {
  const std::filesystem::path configuration = folder / "softhsm2.conf";
  std::filesystem::create_directory(folder / "tokens");
  std::ofstream(configuration) << "directories.tokendir = " << (folder / "tokens").string()
                               << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  ::setenv("SOFTHSM2_CONF", configuration.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  return RunTool({"softhsm2-util", "--init-token", "--free", "--label", "flotilla-test", "--pin",
                  SoftToken::kPin, "--so-pin", "so-" + std::string(SoftToken::kPin)},
                 "softhsm2");
}

}  // namespace

Status SoftToken::Start() {
  for (const char* module : kModules) {
    if (module_.empty() && std::filesystem::exists(module)) {
      module_ = module;
    }
  }
  if (module_.empty()) {
    return NotFound("libsofthsm2.so is missing: install the package softhsm2");
  }
  Shared& shared = OfThisProcess();
  if (!shared.made.has_value()) {
    shared.made = MakeToken(shared.folder.path());
  }
  prefix_ = "t" + std::to_string(++shared.objects) + "-";
  return *shared.made;
}

Status SoftToken::MakeKey(const std::string& type, const std::string& label) {
  const int id = 10 + ++OfThisProcess().keys;
  return RunTool({"pkcs11-tool", "--module", module_.string(), "--token-label", "flotilla-test",
                  "--login", "--pin", kPin, "--keypairgen", "--key-type", type, "--label",
                  prefix_ + label, "--id", std::to_string(id), "--usage-sign"},
                 "opensc");
}

}  // namespace flotilla

#include "tests/e2e/support/previous.h"

#include <cstdio>
#include <cstdlib>

#include <filesystem>
#include <fstream>
#include <string>

namespace flotilla::e2e {

std::filesystem::path PreviousPrograms() {
  std::ifstream file(FLOTILLA_PREVIOUS_FILE);
  std::string commit;
  while (std::getline(file, commit) && commit.starts_with('#')) {
  }
  const auto programs = std::filesystem::path(FLOTILLA_PREVIOUS_DIR) / commit / "build/release/bin";
  const bool built = !commit.empty() && std::filesystem::exists(programs / "flotilla-controller");
  if (std::getenv("FLOTILLA_FULL") != nullptr && built) {
    return programs;
  }
  std::printf("LEFT OUT: upgrades: %s\n",
              built ? "they run at the full counts only (deploy/test --full)"
                    : "the version before is not built (deploy/test --full builds it)");
  return {};
}

}  // namespace flotilla::e2e

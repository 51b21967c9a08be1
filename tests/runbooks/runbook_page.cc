#include "tests/runbooks/runbook_page.h"

#include <fstream>

namespace flotilla::e2e {

std::vector<std::string> BlocksOf(const std::filesystem::path& page) {
  std::ifstream in(page);
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = !inside && line == "```sh";
      if (inside) {
        blocks.emplace_back();
      }
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

}  // namespace flotilla::e2e

// vdaf_regression DIR: writes the project's own vectors into a folder, once the code agrees with
// the public ones again after a change of the draft. Exit 1: not all were written.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "tests/conformance/vdaf/own_vectors.h"

int main(int argc, char** argv) {
  try {
    if (argc != 2) {
      std::ignore = std::fputs("usage: vdaf_regression DIR\n", stderr);
      return 1;
    }
    const auto vectors = flotilla::conformance::MakeOwnVectors();
    if (!vectors.ok()) {
      std::ignore = std::fprintf(stderr, "%s\n", vectors.status().ToString().c_str());
      return 1;
    }
    bool written = true;
    for (const auto& [name, text] : *vectors) {
      std::ofstream file(std::filesystem::path(argv[1]) / name, std::ios::binary);
      written = (file << text << std::flush).good() && written;
    }
    return written ? 0 : 1;
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "vdaf_regression: %s\n", error.what());
    return 1;
  }
}

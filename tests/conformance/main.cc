// The client that TUF's public conformance suite drives. Exit code 0: done; 1: anything else.
#include <cstdio>
#include <exception>
#include <string>
#include <tuple>
#include <vector>

#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "tests/conformance/arguments.h"
#include "tests/conformance/conformance_client.h"

int main(int argc, char** argv) {
  try {
    using flotilla::conformance::ParseArguments;
    const auto arguments = ParseArguments(std::vector<std::string>(argv + 1, argv + argc));
    flotilla::Status status = arguments.status();
    if (status.ok()) {
      flotilla::OsDurableFs fs;
      status = flotilla::conformance::Run(*arguments, fs, flotilla::OsClock().Now());
    }
    if (!status.ok()) {
      std::ignore = std::fprintf(stderr, "tuf_client: %s\n", status.ToString().c_str());
      return 1;
    }
    return 0;
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "tuf_client: %s\n", error.what());
    return 1;
  }
}

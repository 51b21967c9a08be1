// privacy_record: prints docs/privacy-record.md.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <tuple>

#include "telemetry/record/privacy_record.h"

int main() {
  try {
    const std::string text = flotilla::record::PrivacyRecord();
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? EXIT_SUCCESS
                                                                           : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "privacy_record: %s\n", error.what());
    return EXIT_FAILURE;
  }
}

// flotilla-reporters: simulated devices that answer private health tasks with values drawn from a
// seed. For tests and demonstrations; it holds no model and measures nothing.

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/os_clock.h"
#include "base/os_random.h"
#include "security/key_file.h"
#include "tests/swarm/swarm.h"

namespace flotilla::swarm {
namespace {

// "@FILE" is the file's text.
StatusOr<std::string> TokenOf(const std::string& text) {
  if (text.empty() || text.front() != '@') {
    return text;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(text.substr(1), 4096));
  std::string token = ToText(bytes);
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  return token;
}

Status Run(SwarmOptions options, const std::string& helper_identity) {
  FLOTILLA_ASSIGN_OR_RETURN(options.addresses.token, TokenOf(options.addresses.token));
  FLOTILLA_ASSIGN_OR_RETURN(const security::PublicKey helper,
                            security::LoadPublicKey(helper_identity));
  OsClock clock;
  OsRandom random;
  Swarm swarm(options, helper, clock, random);
  FLOTILLA_RETURN_IF_ERROR(swarm.Enrol());
  return swarm.Answer();
}

int Main(int argc, char** argv) {
  CLI::App cli("Simulated devices that report private health. For tests and demonstrations.");
  SwarmOptions options;
  std::string helper_identity;
  std::string keys_out;
  std::string secrets_out;
  cli.add_option("--enrolment", options.addresses.enrolment, "host:port of the enrolment listener")
      ->required();
  cli.add_option("--device", options.addresses.device, "host:port of the device listener")
      ->required();
  cli.add_option("--token", options.addresses.token, "enrolment token, or @FILE")->required();
  cli.add_option("--count", options.count, "devices")->capture_default_str();
  cli.add_option("--prefix", options.name_prefix, "of their names")->capture_default_str();
  cli.add_option("--reporting-keys-out", keys_out,
                 "writes their public reporting keys for flotilla-aggregator device add")
      ->required();
  cli.add_option("--helper-identity", helper_identity, "PEM file that owners pin")->required();
  cli.add_option("--value-distribution", options.seed, "seed of the values")->capture_default_str();
  cli.add_option("--bad-percent", options.bad_percent, "devices that break the protocol")
      ->check(CLI::Range(0, 100));
  cli.add_option("--windows", options.windows, "end after so many windows; 0: never")
      ->capture_default_str();
  cli.add_option("--secrets-out", secrets_out,
                 "writes what would betray each honest report's value, for a search");
  CLI11_PARSE(cli, argc, argv);
  options.reporting_keys_out = keys_out;
  options.secrets_out = secrets_out;
  const Status status = Run(options, helper_identity);
  if (!status.ok()) {
    std::cerr << "flotilla-reporters: " << status.ToString() << "\n";
  }
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace flotilla::swarm

int main(int argc, char** argv) {
  try {
    return flotilla::swarm::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "flotilla-reporters: " << error.what() << "\n";
    return 1;
  }
}

// health_gate_sim: what the private gate says of fleets of 50 to 100,000 devices, drawn with the
// product's samplers and judged by the product's gate. Deterministic by --seed. Exit 1: a promise
// does not hold (in a look more than 1 % of gates FAIL without cause, a regression that the plan
// said is found missed in over 10 %, a verdict where the plan said "smoke only"), at 99.9 %
// confidence for each figure.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <tuple>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/bench/privacy/health_gate_sim.h"

namespace {

using flotilla::rollout::BinomialBound;
using flotilla::rollout::GatePlan;
using flotilla::rollout::GateTally;
using flotilla::rollout::GateTruth;
using flotilla::rollout::GateUse;
using flotilla::rollout::HealthGatePolicy;

constexpr double kTail = 0.001;

struct Flags {
  std::vector<std::uint64_t> fleets = {50,    100,   200,    500,    1'000,  1'820,
                                       2'000, 5'000, 10'000, 50'000, 100'000};
  std::uint64_t arm = 0;
  std::uint32_t runs = 20'000;
  std::uint32_t looks = 2;
  std::uint64_t seed = 1;
  double base_rate = 0.03;
  double regression = 0.05;
  double no_data = 0;
  double carry = 0.5;
  std::uint64_t epsilon_thousandths = 1'000;
};

double Share(std::uint32_t count, std::uint32_t of) {
  return of == 0 ? 0 : 100.0 * count / of;
}

bool Exceeds(std::uint32_t count, std::uint32_t trials, double promised) {
  return trials > 0 && count > BinomialBound(trials, promised, kTail);
}

// True when every promise holds.
bool Row(const HealthGatePolicy& policy, const Flags& flags, std::uint64_t fleet) {
  GateTruth truth;
  truth.canary = truth.control =
      flags.arm == 0 ? fleet / 2 : std::min<std::uint64_t>(flags.arm, fleet / 2);
  truth.base_rate = flags.base_rate;
  truth.no_data = flags.no_data;
  truth.carry = flags.carry;
  truth.noise = policy.noise;
  const GatePlan plan = PlanGate(policy, {truth.canary, truth.control});
  const GateTally same = *PlayGates(policy, truth, flags.runs, flags.seed);
  truth.regression = flags.regression;
  const GateTally worse = *PlayGates(policy, truth, flags.runs, flags.seed);
  const bool smoke = plan.use == GateUse::kSmokeOnly;
  bool good =
      !Exceeds(same.first_fails, same.runs, 0.01) && !Exceeds(same.second_fails, same.runs, 0.01);
  const bool held = same.smoke_only == same.runs && worse.smoke_only == worse.runs;
  good = good && (smoke ? held : !Exceeds(worse.runs - worse.fails(), worse.runs, 0.1));
  const std::string finds = plan.smallest_regression.has_value()
                                ? std::to_string(100 * *plan.smallest_regression).substr(0, 5)
                                : std::string("-");
  std::ignore = std::printf(
      "%8llu %8llu %8s %-6s | %6.2f %6.2f %7.2f %7.2f | %7.2f %7.2f %7.2f | %s\n",
      static_cast<unsigned long long>(fleet), static_cast<unsigned long long>(truth.canary),
      finds.c_str(), smoke ? "smoke" : "judges", Share(same.first_fails, same.runs),
      Share(same.second_fails, same.runs), Share(same.passes, same.runs),
      Share(same.holds, same.runs), Share(worse.runs - worse.fails(), worse.runs),
      Share(worse.passes, worse.runs), Share(worse.holds, worse.runs), good ? "holds" : "BROKEN");
  std::ignore = std::fflush(stdout);
  return good;
}

int Run(const Flags& flags) {
  HealthGatePolicy policy;
  policy.regression = flags.regression;
  policy.base_rate = flags.base_rate;
  policy.noise.parameter = {flags.epsilon_thousandths, 1'000};
  policy.noise.looks = flags.looks;
  std::ignore = std::printf(
      "%u gates a figure, %u looks at most, epsilon %.3f a look, bad verdicts %.1f %% -> %.1f %%, "
      "no data %.0f %%, seed %llu; figures in %%\n"
      "                                  | the same release               | the regression     "
      "     |\n"
      "   fleet  per arm finds pt use    | FAIL 1 FAIL 2    PASS    HOLD |  missed    PASS    HOLD "
      "| promise\n",
      flags.runs, flags.looks, static_cast<double>(flags.epsilon_thousandths) / 1'000,
      100 * flags.base_rate, 100 * (flags.base_rate + flags.regression), 100 * flags.no_data,
      static_cast<unsigned long long>(flags.seed));
  bool good = true;
  for (const std::uint64_t fleet : flags.fleets) {
    good = Row(policy, flags, fleet) && good;
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Flags flags;
    CLI::App app("Gates of made-up fleets, judged by the product's gate.");
    app.add_option("--devices", flags.fleets, "Fleets (half of each is canary, half control)");
    app.add_option("--arm", flags.arm, "Devices in an arm at most (0: half of the fleet)");
    app.add_option("--runs", flags.runs, "Gates a figure")->check(CLI::Range(100, 10'000'000));
    app.add_option("--looks", flags.looks, "Looks at most")->check(CLI::Range(1, 2));
    app.add_option("--seed", flags.seed, "Of verdicts and noise");
    app.add_option("--base", flags.base_rate, "Share of bad verdicts of a healthy release");
    app.add_option("--regression", flags.regression, "What the gate is to find, in shares");
    app.add_option("--no-data", flags.no_data, "Share of devices that have nothing to compare");
    app.add_option("--carry", flags.carry, "Share of verdicts that are the same in both looks");
    app.add_option("--epsilon", flags.epsilon_thousandths, "Of a look, in thousandths");
    CLI11_PARSE(app, argc, argv);
    return Run(flags);
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "health_gate_sim: %s\n", error.what());
    return EXIT_FAILURE;
  }
}

// dp_audit [RUNS]: audits the noise of every policy of the tiers (100,000 runs unless said, and
// four times as many where the noise is wide), and the mutant with half of it. One JSON line a
// figure. Exit 1: a policy was refuted, or a mutant was not; by chance alone once in about 100 runs
// of this.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <tuple>

#include "base/os_random.h"
#include "telemetry/dp/tier.h"
#include "tests/bench/privacy/audit.h"

namespace {

// The kernel's randomness, 4 KiB at a time: the audit takes it by the gigabyte in pieces of 4
// bytes.
class BufferedRandom final : public flotilla::Random {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      if (next_ == buffer_.size()) {
        random_.Fill(buffer_);
        next_ = 0;
      }
      byte = buffer_.at(next_++);
    }
  }

 private:
  flotilla::OsRandom random_;
  std::array<std::uint8_t, 4096> buffer_{};
  std::size_t next_ = buffer_.size();
};

using flotilla::dp::AuditResult;
using flotilla::dp::NoisePolicy;

bool Print(const char* name, const char* noise, std::uint32_t runs, const AuditResult& result) {
  std::ignore = std::printf(
      "{\"bench\":\"dp_audit\",\"policy\":\"%s\",\"noise\":\"%s\",\"runs\":%u,\"claimed_epsilon\":%"
      ".4f,"
      "\"measured_at_least\":%.4f,\"refuted\":%s}\n",
      name, noise, runs, result.claimed, result.measured, result.Refuted() ? "true" : "false");
  return result.Refuted();
}

bool AuditBoth(const char* name, const NoisePolicy& policy, std::uint32_t runs) {
  BufferedRandom random;
  const bool product =
      Print(name, "product", runs, Audit(policy, ProductNoise(policy), runs, random));
  const bool mutant = Print(name, "half", runs, Audit(policy, HalfTheNoise(policy), runs, random));
  return !product && mutant;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto runs = static_cast<std::uint32_t>(argc > 1 ? std::stoul(argv[1]) : 100'000UL);
    using flotilla::dp::PlanFor;
    bool good = AuditBoth("gate", *PlanFor(100).gate, runs);
    good = AuditBoth("chosen", PlanFor(1'000).histograms->policy, runs) && good;
    good = AuditBoth("weekly_20", PlanFor(10'000).histograms->policy, 4 * runs) && good;
    good = AuditBoth("weekly_50", PlanFor(100'000).histograms->policy, 4 * runs) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "dp_audit: %s\n", error.what());
    return EXIT_FAILURE;
  }
}

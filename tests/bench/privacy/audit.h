// An empirical audit of differential privacy: what an attacker who sees published histograms can
// tell about one vote, measured, against what the noise policy claims.
#ifndef FLOTILLA_TESTS_BENCH_PRIVACY_AUDIT_H_
#define FLOTILLA_TESTS_BENCH_PRIVACY_AUDIT_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "base/random.h"
#include "telemetry/dp/noise.h"

namespace flotilla::dp {

// Noise for that many buckets: DrawNoise of the product, or a mutant of it.
using NoiseSource = std::function<std::vector<std::int64_t>(std::size_t buckets, Random& random)>;

struct AuditResult {
  double claimed = 0;   // epsilon (Laplace), or epsilon at delta 10^-6 (Gaussian)
  double measured = 0;  // the true one is no smaller than this, at 99.8 % confidence
  // At 99.8 % confidence: the noise is not what the policy claims.
  bool Refuted() const { return measured > claimed; }
};

// Publishes two neighbouring histograms (one device votes for the second bucket instead of the
// first) `runs` times each, and counts an event that was fixed beforehand:
//   Laplace: the first count is not below its true value in the one, and the second not above. Its
//     two probabilities have exactly the ratio e^epsilon, the most that the definition allows.
//   Gaussian: the difference of the counts is nearer to the one. Its two probabilities give the
//     distance of the distributions in standard deviations, sqrt(2 rho), and that an epsilon.
// Bounds are Clopper and Pearson's. `policy` is valid.
AuditResult Audit(const NoisePolicy& policy, const NoiseSource& noise, std::uint32_t runs,
                  Random& random);

NoiseSource ProductNoise(const NoisePolicy& policy);
// The mutant: half the noise that `policy` asks for.
NoiseSource HalfTheNoise(const NoisePolicy& policy);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TESTS_BENCH_PRIVACY_AUDIT_H_

// One report from device to output shares, for tests of Prio3.
#ifndef FLOTILLA_TESTS_UNIT_TELEMETRY_VDAF_REPORT_RUN_H_
#define FLOTILLA_TESTS_UNIT_TELEMETRY_VDAF_REPORT_RUN_H_

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "telemetry/vdaf/prio3.h"
#include "tests/support/seeded_random.h"

namespace flotilla::vdaf {

inline constexpr VerifyKey kTestKey = {9, 8, 7};
inline constexpr std::array<std::uint8_t, 4> kTestContext = {'t', 'a', 's', 'k'};
inline constexpr Nonce kTestNonce = {1, 2, 3};

inline std::unique_ptr<const Prio3> Histogram(std::uint32_t buckets, std::uint32_t shares = 2) {
  return *NewPrio3Histogram(*SmallestReportShape(buckets), shares);
}

// Shard with a seed's randomness.
inline ShardedMeasurement ShardSeeded(const Prio3& prio3, std::uint32_t measurement,
                                      std::uint64_t seed, const Nonce& nonce = kTestNonce) {
  SeededRandom random(seed);
  return *Shard(prio3, kTestContext, measurement, nonce, random);
}

// All aggregators' answers to a report.
inline StatusOr<std::vector<Verification>> VerifyAll(const Prio3& prio3,
                                                     const ShardedMeasurement& report,
                                                     const Nonce& nonce = kTestNonce) {
  std::vector<Verification> all;
  for (std::uint32_t i = 0; i < prio3.shares(); ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(
        Verification one, prio3.VerifyInit(kTestKey, kTestContext, i, nonce, report.public_share,
                                           report.input_shares[i]));
    all.push_back(std::move(one));
  }
  return all;
}

// The output shares, by aggregator, or why the report was refused.
inline StatusOr<std::vector<Bytes>> RunReport(const Prio3& prio3, const ShardedMeasurement& report,
                                              const Nonce& nonce = kTestNonce) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Verification> all, VerifyAll(prio3, report, nonce));
  std::vector<Bytes> shares;
  shares.reserve(all.size());
  for (const Verification& one : all) shares.push_back(one.verifier_share);
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes message,
                            prio3.VerifierSharesToMessage(kTestContext, shares));
  std::vector<Bytes> outputs;
  for (const Verification& one : all) {
    FLOTILLA_ASSIGN_OR_RETURN(Bytes output, prio3.VerifyNext(one.state, message));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TESTS_UNIT_TELEMETRY_VDAF_REPORT_RUN_H_

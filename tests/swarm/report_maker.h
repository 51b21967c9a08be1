// Reports of the swarm: honest ones, and such as no honest device sends.
#ifndef FLOTILLA_TESTS_SWARM_REPORT_MAKER_H_
#define FLOTILLA_TESTS_SWARM_REPORT_MAKER_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "security/signer.h"
#include "telemetry/dap/hpke_config.h"
#include "telemetry/dap/task.h"

namespace flotilla::swarm {

enum class Lie {
  kNone = 0,
  kOutOfField,      // an element of the leader's share that is no field element
  kDoubleVote,      // one for each of two buckets
  kHeavyVote,       // a thousand for one bucket
  kBadJointRandom,  // another joint randomness than the shares were made with
  kTruncated,       // a byte short
};
inline constexpr std::array kLies = {Lie::kOutOfField, Lie::kDoubleVote, Lie::kHeavyVote,
                                     Lie::kBadJointRandom, Lie::kTruncated};
std::string_view NameOf(Lie lie);

struct ReportKeys {
  dap::HpkeConfig leader;
  dap::HpkeConfig helper;
  security::Signer* reporting = nullptr;
};

// A report on `window` for `bucket`, sealed and signed as an honest one. Errors as of sealing and
// signing.
StatusOr<Bytes> MakeReport(const dap::Task& task, const ReportKeys& keys, dap::WindowStart window,
                           std::uint32_t bucket, Lie lie, Random& random);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_REPORT_MAKER_H_

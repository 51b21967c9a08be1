// What only the device of a report knows, and what each aggregator is told of it: for a test that
// searches where none of it may be.
#ifndef FLOTILLA_TESTS_SWARM_REPORT_SECRETS_H_
#define FLOTILLA_TESTS_SWARM_REPORT_SECRETS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "telemetry/dap/task.h"

namespace flotilla::swarm {

// Passes on what another one gives, and remembers it. Not thread-safe.
class RecordedRandom final : public Random {
 public:
  explicit RecordedRandom(Random& random) : random_(random) {}
  void Fill(std::span<std::uint8_t> out) override {
    random_.Fill(out);
    bytes_.insert(bytes_.end(), out.begin(), out.end());
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Random& random_;
  Bytes bytes_;
};

struct ReportSecrets {
  Bytes report_id;  // no secret: both aggregators store it
  // The vote as the circuit has it, one field element a bucket, and its two shares.
  Bytes one_hot;
  Bytes leader_measurement;
  Bytes helper_measurement;
  Bytes leader_blind;
  Bytes helper_seed;
  Bytes helper_blind;
};

// Of the report that MakeReport made for `bucket`, no lie, with the randomness `drawn`.
// INVALID_ARGUMENT: another amount of randomness.
StatusOr<ReportSecrets> SecretsOf(const dap::Task& task, std::uint32_t bucket, ByteView drawn);

// One line of JSON, bytes in hexadecimal.
std::string SecretsLine(std::string_view device, std::uint32_t bucket,
                        const ReportSecrets& secrets);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_REPORT_SECRETS_H_

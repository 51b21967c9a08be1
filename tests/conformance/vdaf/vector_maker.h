// Writes down what Prio3 does with some measurements, as a known-answer vector.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VDAF_VECTOR_MAKER_H_
#define FLOTILLA_TESTS_CONFORMANCE_VDAF_VECTOR_MAKER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/vdaf/histogram_shape.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::conformance {

// What is measured and how. Without a shape: Prio3Count.
struct Recipe {
  std::optional<vdaf::HistogramShape> shape;
  std::uint32_t shares = 2;
  std::vector<std::uint32_t> measurements;
};

// What an adversary does: to the report before it is verified, and to what the aggregators
// exchange.
struct Tampering {
  std::function<void(vdaf::ShardedMeasurement&)> report;
  std::function<void(std::vector<Bytes>& verifier_shares)> shares;
  std::function<void(Bytes& message)> message;
};

class VectorMaker {
 public:
  // Errors of NewPrio3Count and NewPrio3Histogram.
  static StatusOr<VectorMaker> Create(const Recipe& recipe);

  // All operations from shard to unshard, each successful.
  StatusOr<boost::json::object> Honest();
  // The operations on the first measurement's report up to the first that fails. INTERNAL: none
  // did.
  StatusOr<boost::json::object> Tampered(const Tampering& tampering);

 private:
  VectorMaker(const Recipe& recipe, std::unique_ptr<const vdaf::Prio3> prio3);

  // The keys that every vector has.
  boost::json::object Head() const;
  // Deterministic randomness and nonce of a report.
  StatusOr<vdaf::ShardedMeasurement> Shard(std::size_t report, boost::json::object& entry) const;
  // verify_init to verify_next; false after an operation failed.
  StatusOr<bool> Verify(std::size_t report, const vdaf::ShardedMeasurement& sharded,
                        const Tampering& tampering, boost::json::object& entry);
  void Record(const std::string& operation, std::size_t report, bool success);
  void RecordOf(const std::string& operation, std::size_t report, std::uint32_t aggregator,
                bool success);

  Recipe recipe_;
  std::unique_ptr<const vdaf::Prio3> prio3_;
  Bytes context_;
  vdaf::VerifyKey verify_key_{};
  boost::json::array operations_;
  std::vector<Bytes> aggregates_;
};

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VDAF_VECTOR_MAKER_H_

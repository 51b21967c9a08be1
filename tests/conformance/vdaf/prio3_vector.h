// A known-answer vector of Prio3 as cfrg/draft-irtf-cfrg-vdaf writes them (test_vec/README there).
#ifndef FLOTILLA_TESTS_CONFORMANCE_VDAF_PRIO3_VECTOR_H_
#define FLOTILLA_TESTS_CONFORMANCE_VDAF_PRIO3_VECTOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::conformance {

enum class Prio3Kind { kUnspecified = 0, kCount, kHistogram };

struct VectorReport {
  std::optional<std::uint32_t> measurement;  // null where nothing is sharded
  vdaf::Nonce nonce{};
  Bytes rand;
  Bytes public_share;
  std::vector<Bytes> input_shares;
  std::vector<std::vector<Bytes>> verifier_shares;  // round, aggregator
  std::vector<Bytes> verifier_messages;             // round
  std::vector<Bytes> out_shares;                    // aggregator
};

struct VectorOperation {
  std::string name;
  bool success = false;
  std::uint32_t report = 0;      // where the operation has one
  std::uint32_t aggregator = 0;  // likewise
  std::uint32_t round = 0;       // likewise
};

struct Prio3Vector {
  std::unique_ptr<const vdaf::Prio3> prio3;
  Bytes context;
  vdaf::VerifyKey verify_key{};
  std::vector<VectorReport> reports;
  std::vector<VectorOperation> operations;
  std::vector<Bytes> agg_shares;                        // aggregator
  std::optional<std::vector<std::int64_t>> agg_result;  // null where nothing is collected
};

// DATA_LOSS: a key is missing or of another type, or parameters that Prio3 does not take.
StatusOr<Prio3Vector> ParsePrio3Vector(Prio3Kind kind, const boost::json::object& object);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VDAF_PRIO3_VECTOR_H_

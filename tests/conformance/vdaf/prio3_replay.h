// Runs the operations of a Prio3 vector, each on the vector's own bytes.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VDAF_PRIO3_REPLAY_H_
#define FLOTILLA_TESTS_CONFORMANCE_VDAF_PRIO3_REPLAY_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/vdaf/prio3.h"
#include "tests/conformance/vdaf/prio3_vector.h"

namespace flotilla::conformance {

class Prio3Replay {
 public:
  // `vector` outlives this object.
  explicit Prio3Replay(const Prio3Vector& vector) : vector_(&vector) {}

  // One text for each operation that failed, gave other bytes, or succeeded where it must not.
  std::vector<std::string> Run();

 private:
  // The differences from the vector; an error where the operation itself failed.
  using Outcome = StatusOr<std::vector<std::string>>;
  using Operation = Outcome (Prio3Replay::*)(const VectorOperation&);

  Outcome Perform(const VectorOperation& operation);
  Outcome Shard(const VectorOperation& operation);
  Outcome VerifyInit(const VectorOperation& operation);
  Outcome VerifierSharesToMessage(const VectorOperation& operation);
  Outcome VerifyNext(const VectorOperation& operation);
  Outcome Aggregate(const VectorOperation& operation);
  Outcome Unshard(const VectorOperation& operation);

  const VectorReport& ReportOf(const VectorOperation& operation) const {
    return vector_->reports[operation.report];
  }
  StatusOr<vdaf::Verification> Verify(const VectorReport& report, std::uint32_t aggregator) const;

  const Prio3Vector* vector_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, vdaf::VerifyState> states_;
};

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VDAF_PRIO3_REPLAY_H_

#include "tests/conformance/vdaf/prio3_replay.h"

#include <cstddef>

#include "tests/conformance/vdaf/difference.h"

namespace flotilla::conformance {
namespace {

using Texts = std::vector<std::string>;

// The differences between what a vector has in `list` at `index` and what was computed.
Texts Compare(const std::string& what, const std::vector<Bytes>& list, std::size_t index,
              const Bytes& computed) {
  if (index >= list.size()) return {"the vector has no " + what};
  return Differences(what, list[index], computed);
}

std::string Name(const VectorOperation& operation) {
  return operation.name + " (report " + std::to_string(operation.report) + ", aggregator " +
         std::to_string(operation.aggregator) + ", round " + std::to_string(operation.round) + ")";
}

std::string List(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t number : numbers) text += " " + std::to_string(number);
  return text;
}

}  // namespace

std::vector<std::string> Prio3Replay::Run() {
  std::vector<std::string> failures;
  for (const VectorOperation& operation : vector_->operations) {
    const Outcome outcome = Perform(operation);
    if (outcome.ok() && !outcome->empty()) {
      for (const std::string& text : *outcome) failures.push_back(Name(operation) + ": " + text);
    } else if (outcome.ok() && !operation.success) {
      failures.push_back(Name(operation) + ": succeeded, which it must not");
    } else if (!outcome.ok() && operation.success) {
      failures.push_back(Name(operation) + ": failed: " + outcome.status().ToString());
    }
  }
  return failures;
}

Prio3Replay::Outcome Prio3Replay::Perform(const VectorOperation& operation) {
  static const std::map<std::string, Operation> operations = {
      {"shard", &Prio3Replay::Shard},
      {"verify_init", &Prio3Replay::VerifyInit},
      {"verifier_shares_to_message", &Prio3Replay::VerifierSharesToMessage},
      {"verify_next", &Prio3Replay::VerifyNext},
      {"aggregate", &Prio3Replay::Aggregate},
      {"unshard", &Prio3Replay::Unshard},
  };
  const auto found = operations.find(operation.name);
  if (found == operations.end()) return Texts{"no operation of this name is known"};
  return (this->*found->second)(operation);
}

Prio3Replay::Outcome Prio3Replay::Shard(const VectorOperation& operation) {
  const VectorReport& report = ReportOf(operation);
  if (!report.measurement.has_value()) return Texts{"the vector has no measurement"};
  FLOTILLA_ASSIGN_OR_RETURN(
      const vdaf::ShardedMeasurement sharded,
      vector_->prio3->Shard(vector_->context, *report.measurement, report.nonce, report.rand));
  if (!operation.success) return Texts{};
  Texts differences =
      Compare("public share", std::vector<Bytes>{report.public_share}, 0, sharded.public_share);
  if (sharded.input_shares.size() != report.input_shares.size()) {
    differences.push_back("the number of input shares differs");
  }
  for (std::size_t i = 0; i < sharded.input_shares.size(); ++i) {
    for (std::string& text : Compare("input share " + std::to_string(i), report.input_shares, i,
                                     sharded.input_shares[i])) {
      differences.push_back(std::move(text));
    }
  }
  return differences;
}

StatusOr<vdaf::Verification> Prio3Replay::Verify(const VectorReport& report,
                                                 std::uint32_t aggregator) const {
  return vector_->prio3->VerifyInit(vector_->verify_key, vector_->context, aggregator, report.nonce,
                                    report.public_share, report.input_shares[aggregator]);
}

Prio3Replay::Outcome Prio3Replay::VerifyInit(const VectorOperation& operation) {
  const VectorReport& report = ReportOf(operation);
  if (operation.aggregator >= report.input_shares.size()) {
    return Texts{"the vector has no such input share"};
  }
  FLOTILLA_ASSIGN_OR_RETURN(vdaf::Verification verification, Verify(report, operation.aggregator));
  states_[{operation.report, operation.aggregator}] = std::move(verification.state);
  if (!operation.success) return Texts{};
  if (report.verifier_shares.empty()) return Texts{"the vector has no verifier shares"};
  return Compare("verifier share", report.verifier_shares[0], operation.aggregator,
                 verification.verifier_share);
}

Prio3Replay::Outcome Prio3Replay::VerifierSharesToMessage(const VectorOperation& operation) {
  const VectorReport& report = ReportOf(operation);
  if (operation.round >= report.verifier_shares.size()) {
    return Texts{"the vector has no verifier shares of this round"};
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes message,
                            vector_->prio3->VerifierSharesToMessage(
                                vector_->context, report.verifier_shares[operation.round]));
  if (!operation.success) return Texts{};
  return Compare("verifier message", report.verifier_messages, operation.round, message);
}

Prio3Replay::Outcome Prio3Replay::VerifyNext(const VectorOperation& operation) {
  const VectorReport& report = ReportOf(operation);
  if (operation.round != 1) return Texts{"Prio3 has no such round"};
  if (report.verifier_messages.empty()) return Texts{"the vector has no verifier message"};
  // A vector may begin with this operation.
  auto state = states_.find({operation.report, operation.aggregator});
  if (state == states_.end()) {
    if (operation.aggregator >= report.input_shares.size()) {
      return Texts{"the vector has no such input share"};
    }
    auto verification = Verify(report, operation.aggregator);
    if (!verification.ok()) return Texts{"verify_init fails: " + verification.status().ToString()};
    state = states_
                .emplace(std::pair(operation.report, operation.aggregator),
                         std::move(verification->state))
                .first;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes output_share,
                            vector_->prio3->VerifyNext(state->second, report.verifier_messages[0]));
  if (!operation.success) return Texts{};
  return Compare("output share", report.out_shares, operation.aggregator, output_share);
}

Prio3Replay::Outcome Prio3Replay::Aggregate(const VectorOperation& operation) {
  Bytes aggregate = vector_->prio3->EmptyAggregate();
  for (const VectorReport& report : vector_->reports) {
    if (report.out_shares.empty()) continue;  // refused before
    if (operation.aggregator >= report.out_shares.size()) {
      return Texts{"the vector has no such output share"};
    }
    FLOTILLA_RETURN_IF_ERROR(
        vector_->prio3->AddShare(aggregate, report.out_shares[operation.aggregator]));
  }
  if (!operation.success) return Texts{};
  return Compare("aggregate share", vector_->agg_shares, operation.aggregator, aggregate);
}

Prio3Replay::Outcome Prio3Replay::Unshard(const VectorOperation& operation) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<std::int64_t> counts,
                            vector_->prio3->Unshard(vector_->agg_shares));
  if (!operation.success) return Texts{};
  if (!vector_->agg_result.has_value()) return Texts{"the vector has no result"};
  if (*vector_->agg_result == counts) return Texts{};
  return Texts{"result differs: computed" + List(counts) + ", the vector has" +
               List(*vector_->agg_result)};
}

}  // namespace flotilla::conformance

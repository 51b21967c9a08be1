#include "tests/conformance/vdaf/vector_maker.h"

#include <cstddef>
#include <utility>

#include "telemetry/vdaf/xof.h"

namespace flotilla::conformance {
namespace {

namespace json = boost::json;

json::array HexList(const std::vector<Bytes>& list) {
  json::array array;
  for (const Bytes& bytes : list) array.emplace_back(HexEncode(bytes));
  return array;
}

vdaf::Nonce NonceOf(std::size_t report) {
  vdaf::Nonce nonce{};
  nonce[0] = static_cast<std::uint8_t>(report);
  nonce[15] = 0xA5;
  return nonce;
}

}  // namespace

StatusOr<VectorMaker> VectorMaker::Create(const Recipe& recipe) {
  if (!recipe.shape.has_value()) {
    FLOTILLA_ASSIGN_OR_RETURN(auto count, vdaf::NewPrio3Count(recipe.shares));
    return VectorMaker(recipe, std::move(count));
  }
  FLOTILLA_ASSIGN_OR_RETURN(auto histogram, vdaf::NewPrio3Histogram(*recipe.shape, recipe.shares));
  return VectorMaker(recipe, std::move(histogram));
}

VectorMaker::VectorMaker(const Recipe& recipe, std::unique_ptr<const vdaf::Prio3> prio3)
    : recipe_(recipe),
      prio3_(std::move(prio3)),
      context_(ToBytes("flotilla regression")),
      aggregates_(recipe.shares, prio3_->EmptyAggregate()) {
  for (std::size_t i = 0; i < verify_key_.size(); ++i) {
    verify_key_[i] = static_cast<std::uint8_t>(255 - i);
  }
}

json::object VectorMaker::Head() const {
  json::object head;
  head["shares"] = recipe_.shares;
  if (recipe_.shape.has_value()) {
    head["length"] = recipe_.shape->buckets;
    head["chunk_length"] = recipe_.shape->chunk_length;
  }
  head["ctx"] = HexEncode(context_);
  head["verify_key"] = HexEncode(verify_key_);
  head["agg_param"] = "";
  return head;
}

StatusOr<vdaf::ShardedMeasurement> VectorMaker::Shard(std::size_t report,
                                                      json::object& entry) const {
  const auto index = static_cast<std::uint8_t>(report);
  Bytes rand(prio3_->sizes().randomness);
  vdaf::Xof(verify_key_, AsBytes("regression rand"), {ByteView(&index, 1)}).Next(rand);
  FLOTILLA_ASSIGN_OR_RETURN(
      vdaf::ShardedMeasurement sharded,
      prio3_->Shard(context_, recipe_.measurements[report], NonceOf(report), rand));
  entry["measurement"] = recipe_.measurements[report];
  entry["nonce"] = HexEncode(NonceOf(report));
  entry["rand"] = HexEncode(rand);
  return sharded;
}

void VectorMaker::Record(const std::string& operation, std::size_t report, bool success) {
  json::object entry = {{"operation", operation}, {"report_index", report}, {"success", success}};
  if (operation == "verifier_shares_to_message") entry["round"] = 0;
  operations_.push_back(std::move(entry));
}

void VectorMaker::RecordOf(const std::string& operation, std::size_t report,
                           std::uint32_t aggregator, bool success) {
  json::object entry = {{"operation", operation},
                        {"aggregator_id", aggregator},
                        {"report_index", report},
                        {"success", success}};
  if (operation == "verify_next") entry["round"] = 1;
  operations_.push_back(std::move(entry));
}

StatusOr<bool> VectorMaker::Verify(std::size_t report, const vdaf::ShardedMeasurement& sharded,
                                   const Tampering& tampering, json::object& entry) {
  entry["public_share"] = HexEncode(sharded.public_share);
  entry["input_shares"] = HexList(sharded.input_shares);
  entry["verifier_shares"] = json::array();
  entry["verifier_messages"] = json::array();
  entry["out_shares"] = json::array();
  std::vector<vdaf::VerifyState> states;
  std::vector<Bytes> shares;
  for (std::uint32_t i = 0; i < recipe_.shares; ++i) {
    auto verification = prio3_->VerifyInit(verify_key_, context_, i, NonceOf(report),
                                           sharded.public_share, sharded.input_shares[i]);
    if (!tampering.shares) RecordOf("verify_init", report, i, verification.ok());
    if (!verification.ok()) return false;
    states.push_back(std::move(verification->state));
    shares.push_back(std::move(verification->verifier_share));
  }
  if (tampering.shares) tampering.shares(shares);
  entry["verifier_shares"] = json::array({HexList(shares)});
  auto message = prio3_->VerifierSharesToMessage(context_, shares);
  if (!tampering.message) Record("verifier_shares_to_message", report, message.ok());
  if (!message.ok()) return false;
  if (tampering.message) tampering.message(*message);
  entry["verifier_messages"] = json::array({HexEncode(*message)});
  std::vector<Bytes> outputs;
  for (std::uint32_t i = 0; i < recipe_.shares; ++i) {
    auto output = prio3_->VerifyNext(states[i], *message);
    RecordOf("verify_next", report, i, output.ok());
    if (!output.ok()) return false;
    FLOTILLA_RETURN_IF_ERROR(prio3_->AddShare(aggregates_[i], *output));
    outputs.push_back(std::move(*output));
  }
  entry["out_shares"] = HexList(outputs);
  return true;
}

StatusOr<json::object> VectorMaker::Honest() {
  json::object vector = Head();
  json::array reports;
  for (std::size_t i = 0; i < recipe_.measurements.size(); ++i) {
    json::object entry;
    FLOTILLA_ASSIGN_OR_RETURN(const vdaf::ShardedMeasurement sharded, Shard(i, entry));
    Record("shard", i, true);
    FLOTILLA_ASSIGN_OR_RETURN(const bool verified, Verify(i, sharded, {}, entry));
    if (!verified) return Internal("an honest report was refused");
    reports.push_back(std::move(entry));
  }
  vector["reports"] = std::move(reports);
  for (std::uint32_t i = 0; i < recipe_.shares; ++i) {
    operations_.push_back(
        json::object{{"operation", "aggregate"}, {"aggregator_id", i}, {"success", true}});
  }
  operations_.push_back(json::object{{"operation", "unshard"}, {"success", true}});
  vector["operations"] = operations_;
  vector["agg_shares"] = HexList(aggregates_);
  FLOTILLA_ASSIGN_OR_RETURN(const auto counts, prio3_->Unshard(aggregates_));
  json::array result(counts.begin(), counts.end());
  vector["agg_result"] = recipe_.shape.has_value() ? json::value(result) : json::value(counts[0]);
  return vector;
}

StatusOr<json::object> VectorMaker::Tampered(const Tampering& tampering) {
  json::object vector = Head();
  json::object entry;
  FLOTILLA_ASSIGN_OR_RETURN(vdaf::ShardedMeasurement sharded, Shard(0, entry));
  entry["measurement"] = nullptr;
  if (tampering.report) tampering.report(sharded);
  FLOTILLA_ASSIGN_OR_RETURN(const bool verified, Verify(0, sharded, tampering, entry));
  if (verified) return Internal("a report that was tampered with was accepted");
  vector["reports"] = json::array({std::move(entry)});
  vector["operations"] = operations_;
  vector["agg_shares"] = json::array();
  vector["agg_result"] = nullptr;
  return vector;
}

}  // namespace flotilla::conformance

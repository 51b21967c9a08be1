#include "tests/conformance/vdaf/prio3_vector.h"

#include <limits>
#include <utility>

#include "tests/conformance/vdaf/json_reading.h"

namespace flotilla::conformance {
namespace {

namespace json = boost::json;

StatusOr<std::unique_ptr<const vdaf::Prio3>> ParseParameters(Prio3Kind kind,
                                                             const json::object& object) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t shares, CountAt(object, "shares"));
  if (kind == Prio3Kind::kCount) return vdaf::NewPrio3Count(shares);
  vdaf::HistogramShape shape;
  FLOTILLA_ASSIGN_OR_RETURN(shape.buckets, CountAt(object, "length"));
  FLOTILLA_ASSIGN_OR_RETURN(shape.chunk_length, CountAt(object, "chunk_length"));
  return vdaf::NewPrio3Histogram(shape, shares);
}

StatusOr<std::vector<Bytes>> HexListAt(const json::object& object, const std::string& key) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::array list, ArrayAt(object, key));
  return AsHexList(list, key);
}

StatusOr<VectorReport> ParseReport(const json::value& value) {
  if (!value.is_object()) return DataLoss("a report is not an object");
  const json::object& object = value.as_object();
  VectorReport report;
  const json::value* measurement = object.if_contains("measurement");
  if (measurement != nullptr && !measurement->is_null()) {
    FLOTILLA_ASSIGN_OR_RETURN(report.measurement, CountAt(object, "measurement"));
  }
  FLOTILLA_ASSIGN_OR_RETURN(report.nonce, ArrayOfBytesAt<16>(object, "nonce"));
  FLOTILLA_ASSIGN_OR_RETURN(report.rand, HexAt(object, "rand"));
  FLOTILLA_ASSIGN_OR_RETURN(report.public_share, HexAt(object, "public_share"));
  FLOTILLA_ASSIGN_OR_RETURN(report.input_shares, HexListAt(object, "input_shares"));
  FLOTILLA_ASSIGN_OR_RETURN(const json::array rounds, ArrayAt(object, "verifier_shares"));
  for (const json::value& round : rounds) {
    FLOTILLA_ASSIGN_OR_RETURN(std::vector<Bytes> shares, AsHexList(round, "verifier_shares"));
    report.verifier_shares.push_back(std::move(shares));
  }
  FLOTILLA_ASSIGN_OR_RETURN(report.verifier_messages, HexListAt(object, "verifier_messages"));
  FLOTILLA_ASSIGN_OR_RETURN(report.out_shares, HexListAt(object, "out_shares"));
  return report;
}

Status ReadIndex(const json::object& object, const std::string& key, std::uint32_t& index) {
  if (!object.contains(key)) return OkStatus();
  FLOTILLA_ASSIGN_OR_RETURN(index, CountAt(object, key));
  return OkStatus();
}

StatusOr<VectorOperation> ParseOperation(const json::value& value) {
  if (!value.is_object()) return DataLoss("an operation is not an object");
  const json::object& object = value.as_object();
  VectorOperation operation;
  FLOTILLA_ASSIGN_OR_RETURN(operation.name, TextAt(object, "operation"));
  FLOTILLA_ASSIGN_OR_RETURN(operation.success, FlagAt(object, "success"));
  FLOTILLA_RETURN_IF_ERROR(ReadIndex(object, "report_index", operation.report));
  FLOTILLA_RETURN_IF_ERROR(ReadIndex(object, "aggregator_id", operation.aggregator));
  FLOTILLA_RETURN_IF_ERROR(ReadIndex(object, "round", operation.round));
  return operation;
}

StatusOr<std::vector<std::int64_t>> ParseResult(const json::value& value) {
  std::vector<std::int64_t> counts;
  if (!value.is_array()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t count, AsInteger(value, "agg_result"));
    counts.push_back(count);
    return counts;
  }
  for (const json::value& element : value.as_array()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t count, AsInteger(element, "agg_result"));
    counts.push_back(count);
  }
  return counts;
}

}  // namespace

StatusOr<Prio3Vector> ParsePrio3Vector(Prio3Kind kind, const json::object& object) {
  Prio3Vector vector;
  FLOTILLA_ASSIGN_OR_RETURN(vector.prio3, ParseParameters(kind, object));
  FLOTILLA_ASSIGN_OR_RETURN(vector.context, HexAt(object, "ctx"));
  FLOTILLA_ASSIGN_OR_RETURN(vector.verify_key, ArrayOfBytesAt<32>(object, "verify_key"));
  FLOTILLA_ASSIGN_OR_RETURN(const json::array reports, ArrayAt(object, "reports"));
  for (const json::value& value : reports) {
    FLOTILLA_ASSIGN_OR_RETURN(VectorReport report, ParseReport(value));
    vector.reports.push_back(std::move(report));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const json::array operations, ArrayAt(object, "operations"));
  if (operations.empty()) return DataLoss("there is no operation");
  for (const json::value& value : operations) {
    FLOTILLA_ASSIGN_OR_RETURN(VectorOperation operation, ParseOperation(value));
    if (operation.report >= vector.reports.size()) return DataLoss("an operation on no report");
    vector.operations.push_back(std::move(operation));
  }
  FLOTILLA_ASSIGN_OR_RETURN(vector.agg_shares, HexListAt(object, "agg_shares"));
  const json::value* result = object.if_contains("agg_result");
  if (result != nullptr && !result->is_null()) {
    FLOTILLA_ASSIGN_OR_RETURN(vector.agg_result, ParseResult(*result));
  }
  return vector;
}

}  // namespace flotilla::conformance

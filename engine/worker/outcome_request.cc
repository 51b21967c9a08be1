#include "engine/worker/outcome_request.h"

#include <boost/json.hpp>

#include "engine/worker/answer_id.h"
#include "engine/worker/json_fields.h"

namespace flotilla::engine {
namespace {

namespace json = boost::json;

constexpr std::string_view kSolved = "solved";
constexpr std::string_view kNotSolved = "not_solved";

StatusOr<AnswerOutcome> ParseOutcome(const json::object& body) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto outcome, TextField(body, "outcome"));
  if (outcome == kSolved) {
    return AnswerOutcome::kSolved;
  }
  if (outcome == kNotSolved) {
    return AnswerOutcome::kNotSolved;
  }
  return InvalidArgument("'outcome' must be solved or not_solved");
}

}  // namespace

StatusOr<OutcomeRequest> ParseOutcomeRequest(std::string_view body) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error.failed() || !value.is_object()) {
    return InvalidArgument("the body must be a JSON object");
  }
  const json::object& object = value.get_object();
  for (const auto& field : object) {
    if (field.key() != "id" && field.key() != "outcome") {
      return InvalidArgument("only 'id' and 'outcome' are served");
    }
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto id, TextField(object, "id"));
  if (!id || id->empty() || id->size() > kMaxAnswerIdBytes) {
    return InvalidArgument("'id' must be the id of an answer");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const AnswerOutcome outcome, ParseOutcome(object));
  return OutcomeRequest{*id, outcome};
}

std::string OutcomeBody(const OutcomeRequest& request) {
  const std::string_view outcome = request.outcome == AnswerOutcome::kSolved ? kSolved : kNotSolved;
  return json::serialize(
      json::object{{"id", request.id},
                   {"object", "outcome"},
                   {"outcome", json::string_view(outcome.data(), outcome.size())}});
}

}  // namespace flotilla::engine

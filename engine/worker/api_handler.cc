#include "engine/worker/api_handler.h"

#include <string_view>
#include <utility>

#include "engine/worker/answer_exchange.h"
#include "engine/worker/answer_id.h"
#include "engine/worker/api_error.h"
#include "engine/worker/api_request.h"
#include "engine/worker/api_response.h"
#include "engine/worker/sibling_pump.h"

namespace flotilla::engine {
namespace {

void Reply(Connection& connection, const HttpRequest& request, const HttpReply& reply) {
  const After after = connection.AfterFor(request.version, request.after);
  // The client asked how long the body would be, not for the body.
  std::string text = WholeReply(reply, after);
  if (request.method == "HEAD") {
    text.resize(text.size() - reply.body.size());
  }
  connection.Send(std::move(text));
  connection.FinishAnswer(after);
}

HttpReply ReplyOf(const ApiError& error) {
  return {.status = error.status, .body = ErrorBody(error), .retry_after = error.retry_after};
}

void Refuse(Connection& connection, const HttpRequest& request, const ApiError& error) {
  Reply(connection, request, ReplyOf(error));
}

std::string_view WithoutVersion(std::string_view path) {
  constexpr std::string_view kVersion = "/v1";
  return path.starts_with("/v1/") ? path.substr(kVersion.size()) : path;
}

std::int64_t Seconds(Time time) {
  return UnixMillis(time) / 1000;
}

}  // namespace

ApiHandler::ApiHandler(GenerationQueue& queue, ModelRoutes routes, EngineCounters& counters,
                       EventMail& mail, Clock& clock, Random& random)
    : queue_(queue),
      routes_(std::move(routes)),
      counters_(counters),
      mail_(mail),
      clock_(clock),
      random_(random),
      created_(Seconds(clock.Now())) {}

void ApiHandler::Handle(const std::shared_ptr<Connection>& connection, const HttpRequest& request) {
  const std::string_view path = WithoutVersion(request.path);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (path == "/health" || path == "/models") {
    if (!reads) {
      Refuse(*connection, request, MethodNotAllowed());
    } else if (path == "/health") {
      Reply(*connection, request, {.body = R"({"status":"ok"})"});
    } else {
      Reply(*connection, request,
            {.body = ModelsBody(routes_.own_id(), queue_.model(), routes_.SiblingIds(), created_)});
    }
    return;
  }
  const bool chat = path == "/chat/completions";
  const bool outcome = path == "/outcome";
  if (!chat && !outcome && path != "/completions") {
    Refuse(*connection, request, PathNotFound(request.path));
  } else if (request.method != "POST") {
    Refuse(*connection, request, MethodNotAllowed());
  } else if (outcome) {
    HandleOutcome(connection, request);
  } else {
    HandleQuestion(connection, request, chat ? ApiKind::kChat : ApiKind::kCompletion);
  }
}

void ApiHandler::HandleQuestion(const std::shared_ptr<Connection>& connection,
                                const HttpRequest& request, ApiKind kind) {
  StatusOr<ApiRequest> question = ParseApiRequest(request.body, kind);
  if (!question.ok()) {
    Refuse(*connection, request, FromStatus(question.status()));
    return;
  }
  const Route route = routes_.Find(question->model);
  if (route.kind == RouteKind::kSibling && connection->origin() == Origin::kClient) {
    ForwardToSibling(connection, request, route.socket_path);
    return;
  }
  if (route.kind != RouteKind::kOwn) {
    Refuse(*connection, request, ModelNotFound(question->model));
    return;
  }
  const auto exchange =
      std::make_shared<AnswerExchange>(connection, request, *question, MakeHead(kind),
                                       AnswerExchange::Parts{counters_, mail_, answered_, clock_});
  exchange->Start(queue_, *std::move(question));
}

void ApiHandler::HandleOutcome(const std::shared_ptr<Connection>& connection,
                               const HttpRequest& request) {
  const StatusOr<OutcomeRequest> outcome = ParseOutcomeRequest(request.body);
  if (!outcome.ok()) {
    Refuse(*connection, request, FromStatus(outcome.status()));
    return;
  }
  const Route route = routes_.FindAnswer(outcome->id);
  if (route.kind == RouteKind::kSibling && connection->origin() == Origin::kClient) {
    ForwardToSibling(connection, request, route.socket_path);
    return;
  }
  Reply(*connection, request, Mark(*outcome));
}

HttpReply ApiHandler::Mark(const OutcomeRequest& outcome) {
  switch (answered_.Mark(outcome.id)) {
    case Marking::kMarked:
      break;
    case Marking::kMarkedBefore:
      return ReplyOf(AlreadyMarked(outcome.id));
    case Marking::kUnknown:
    case Marking::kUnspecified:
      return ReplyOf(AnswerNotFound(outcome.id));
  }
  v1::EngineEvent event;
  event.mutable_outcome()->set_solved(outcome.outcome == AnswerOutcome::kSolved);
  mail_.Add(std::move(event));
  return {.body = OutcomeBody(outcome)};
}

AnswerHead ApiHandler::MakeHead(ApiKind kind) {
  return {.kind = kind,
          .id = MakeAnswerId(kind, routes_.line(), random_),
          .created = Seconds(clock_.Now()),
          .model = routes_.own_id()};
}

}  // namespace flotilla::engine

#include "engine/worker/answer_exchange.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "engine/worker/request_done.h"

namespace flotilla::engine {

AnswerExchange::AnswerExchange(std::shared_ptr<Connection> connection, const HttpRequest& request,
                               const ApiRequest& question, AnswerHead head, const Parts& parts)
    : connection_(std::move(connection)),
      parts_(parts),
      arrived_(parts.clock.Monotonic()),
      version_(request.version),
      wish_(request.after),
      delivery_(question.delivery),
      usage_(question.usage),
      head_(std::move(head)) {}

void AnswerExchange::Start(GenerationQueue& queue, ApiRequest question) {
  context_tokens_ = queue.model().context_tokens;
  std::stop_source stop;
  connection_->WatchClient([stop]() mutable { stop.request_stop(); });
  ++parts_.counters.requests_total;
  ++parts_.counters.requests_active;
  parts_.counters.busy.Begin(arrived_);
  GenerationJob job;
  job.prompt = std::move(question.prompt);
  job.request = {.prompt = {},
                 .max_tokens = question.max_tokens,
                 .sampling = question.sampling,
                 .stop = std::move(question.stop)};
  job.stop = stop.get_token();
  job.sink = shared_from_this();
  const Status submitted = queue.Submit(std::move(job), Admission::kClient);
  if (!submitted.ok()) {
    Finish(submitted, arrived_);
  }
}

void AnswerExchange::OnTokenised(std::uint32_t prompt_tokens) {
  boost::asio::post(connection_->executor(), [self = shared_from_this(), prompt_tokens] {
    self->prompt_tokens_ = prompt_tokens;
  });
}

void AnswerExchange::OnPiece(std::string_view piece) {
  boost::asio::post(connection_->executor(),
                    [self = shared_from_this(), text = std::string(piece)] {
                      if (self->delivery_ == Delivery::kWhole) {
                        self->text_ += text;
                      } else {
                        self->Open();
                        self->SendEvent(PieceEvent(self->head_, text));
                      }
                    });
}

void AnswerExchange::OnDone(const StatusOr<Generation>& result) {
  boost::asio::post(connection_->executor(),
                    [self = shared_from_this(), result, ended = parts_.clock.Monotonic()] {
                      self->Finish(result, ended);
                    });
}

void AnswerExchange::SendEvent(std::string_view event) {
  connection_->Send(StreamPart(version_, event));
}

void AnswerExchange::Open() {
  if (!std::exchange(opened_, true)) {
    said_ = Ending();
    connection_->Send(StreamHead(version_, said_));
    SendEvent(OpeningEvent(head_));
  }
}

void AnswerExchange::Finish(const StatusOr<Generation>& result, Duration ended) {
  --parts_.counters.requests_active;
  parts_.counters.busy.End(ended);
  if (result.ok()) {
    parts_.counters.tokens_decoded += result->completion_tokens;
    parts_.mail.Add(RequestDoneEvent(arrived_, ended, *result));
    parts_.answered.Add(head_.id);
    Succeed(*result);
  } else if (result.status().code() == StatusCode::kCancelled) {
    connection_->Close();
  } else if (result.status().code() == StatusCode::kOutOfRange) {
    Fail(ContextExceeded(prompt_tokens_, context_tokens_));
  } else {
    Fail(FromStatus(result.status()));
  }
}

void AnswerExchange::Succeed(const Generation& generation) {
  if (delivery_ == Delivery::kWhole) {
    const After after = Ending();
    connection_->Send(WholeReply({.body = WholeBody(head_, text_, generation)}, after));
    connection_->FinishAnswer(after);
  } else {
    Open();
    SendEvent(ClosingEvent(head_, generation));
    if (usage_ == UsageChunk::kSend) {
      SendEvent(UsageEvent(head_, generation));
    }
    SendEvent(EndEvent());
    connection_->Send(StreamEnd(version_));
    connection_->FinishAnswer(said_);
  }
}

void AnswerExchange::Fail(const ApiError& error) {
  if (error.status >= 500) {
    ++parts_.counters.requests_failed;
  }
  if (opened_) {
    SendEvent(ErrorEvent(ErrorBody(error)));
    connection_->Send(StreamEnd(version_));
    connection_->FinishAnswer(After::kClose);
    return;
  }
  const After after = Ending();
  connection_->Send(WholeReply(
      {.status = error.status, .body = ErrorBody(error), .retry_after = error.retry_after}, after));
  connection_->FinishAnswer(after);
}

}  // namespace flotilla::engine

#ifndef FLOTILLA_ENGINE_WORKER_ANSWER_EXCHANGE_H_
#define FLOTILLA_ENGINE_WORKER_ANSWER_EXCHANGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

#include "engine/worker/answered_ids.h"
#include "engine/worker/api_error.h"
#include "engine/worker/api_request.h"
#include "engine/worker/api_response.h"
#include "engine/worker/connection.h"
#include "engine/worker/engine_counters.h"
#include "engine/worker/event_mail.h"
#include "engine/worker/generation_queue.h"

namespace flotilla::engine {

// One request that the model answers, from the queue to the client: whole or as a stream of events.
// The AnswerSink side is called by the queue's thread and only posts; the rest happens on the
// io_context's thread. A client that goes away stops the generation.
class AnswerExchange final : public AnswerSink,
                             public std::enable_shared_from_this<AnswerExchange> {
 public:
  // All of the io_context's thread, but for the clock.
  struct Parts {
    EngineCounters& counters;
    // Gets one event for a request that was answered to its end.
    EventMail& mail;
    AnsweredIds& answered;
    const Clock& clock;
  };
  // The request arrives now.
  AnswerExchange(std::shared_ptr<Connection> connection, const HttpRequest& request,
                 const ApiRequest& question, AnswerHead head, const Parts& parts);
  ~AnswerExchange() override = default;

  // Submits to `queue`; a full queue is answered with 429.
  void Start(GenerationQueue& queue, ApiRequest question);

  void OnTokenised(std::uint32_t prompt_tokens) override;
  void OnPiece(std::string_view piece) override;
  void OnDone(const StatusOr<Generation>& result) override;

 private:
  void SendEvent(std::string_view event);
  void Open();
  After Ending() const { return connection_->AfterFor(version_, wish_); }
  // `ended` is when the model was done, or the request was refused.
  void Finish(const StatusOr<Generation>& result, Duration ended);
  void Succeed(const Generation& generation);
  void Fail(const ApiError& error);

  std::shared_ptr<Connection> connection_;
  const Parts parts_;
  const Duration arrived_;
  const HttpVersion version_;
  const After wish_;
  const Delivery delivery_;
  const UsageChunk usage_;
  const AnswerHead head_;
  std::uint32_t context_tokens_ = 0;
  std::uint32_t prompt_tokens_ = 0;
  std::string text_;
  // The stream's head is out: errors become events.
  bool opened_ = false;
  // What the stream's head said.
  After said_ = After::kClose;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_ANSWER_EXCHANGE_H_

#include "engine/worker/self_test.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "base/bytes.h"

#include "engine/worker/json_fields.h"

namespace flotilla::engine {
namespace {

// The answers of the golden prompts are one sentence; more than this is a wrong one.
constexpr std::uint32_t kMaxAnswerTokens = 96;

// Collects one answer for a thread that waits for it.
class AnswerWaiter final : public AnswerSink {
 public:
  void OnTokenised(std::uint32_t /*prompt_tokens*/) override {}
  void OnPiece(std::string_view piece) override { text_ += piece; }
  void OnDone(const StatusOr<Generation>& result) override {
    const std::lock_guard lock(mutex_);
    result_ = result;
    done_.notify_all();
  }

  // Once it is done, `text` may be read.
  bool WaitFor(Duration limit, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return done_.wait_for(lock, stop, absl::ToChronoNanoseconds(limit),
                          [this] { return result_.has_value(); });
  }
  const StatusOr<Generation>& result() const { return *result_; }
  const std::string& text() const { return text_; }

 private:
  std::mutex mutex_;
  std::condition_variable_any done_;
  std::optional<StatusOr<Generation>> result_;
  std::string text_;
};

struct GoldenAnswer {
  std::string text;
  Generation generation;
};

StatusOr<GoldenAnswer> Ask(GenerationQueue& queue, const GoldenPrompt& golden, Duration limit,
                           const std::stop_token& stop) {
  std::stop_source give_up;
  auto waiter = std::make_shared<AnswerWaiter>();
  GenerationJob job;
  job.prompt = std::vector<ChatMessage>{{"user", golden.prompt}};
  job.request.max_tokens = kMaxAnswerTokens;
  job.request.sampling.temperature = 0.0F;
  job.stop = give_up.get_token();
  job.sink = waiter;
  FLOTILLA_RETURN_IF_ERROR(queue.Submit(std::move(job), Admission::kInternal));
  if (!waiter->WaitFor(limit, stop)) {
    give_up.request_stop();
    return stop.stop_requested() ? Cancelled("the self-test was stopped")
                                 : DeadlineExceeded("the self-test took too long");
  }
  FLOTILLA_RETURN_IF_ERROR(waiter->result().status());
  return GoldenAnswer{waiter->text(), *waiter->result()};
}

double Median(std::vector<double> values) {
  if (values.empty()) {
    return 0.0;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

StatusOr<GoldenPrompt> ParseLine(std::string_view line) {
  boost::system::error_code error;
  const boost::json::value value =
      boost::json::parse(boost::json::string_view(line.data(), line.size()), error);
  if (error.failed() || !value.is_object()) {
    return InvalidArgument("no JSON object");
  }
  FLOTILLA_ASSIGN_OR_RETURN(auto prompt, TextField(value.get_object(), "prompt"));
  FLOTILLA_ASSIGN_OR_RETURN(auto label, TextField(value.get_object(), "label"));
  if (!prompt || prompt->empty() || !label || label->empty()) {
    return InvalidArgument("'prompt' or 'label' is missing");
  }
  return GoldenPrompt{*std::move(prompt), *std::move(label)};
}

}  // namespace

StatusOr<std::vector<GoldenPrompt>> ParseGolden(std::string_view text) {
  std::vector<GoldenPrompt> prompts;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    StatusOr<GoldenPrompt> prompt = ParseLine(line);
    if (!prompt.ok()) {
      return Annotate(prompt.status(), "golden prompts, line " + std::to_string(number));
    }
    prompts.push_back(*std::move(prompt));
  }
  if (prompts.empty() || prompts.size() > kMaxGoldenPrompts) {
    return InvalidArgument("golden prompts: there must be 1 to " +
                           std::to_string(kMaxGoldenPrompts));
  }
  return prompts;
}

StatusOr<std::vector<GoldenPrompt>> ReadGolden(int fd) {
  Bytes bytes(kMaxGoldenBytes + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got =
        ::pread(fd, bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return ErrnoStatus(errno, "read the golden prompts");
    }
    if (got == 0) {
      return ParseGolden(AsText(ByteView(bytes).first(size)));
    }
    size += static_cast<std::size_t>(got);
  }
  return ResourceExhausted("the golden prompts are larger than " + std::to_string(kMaxGoldenBytes) +
                           " bytes");
}

std::string LabelOf(std::string_view answer) {
  answer = answer.substr(0, answer.find(" on "));
  const std::size_t begin = answer.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) {
    return {};
  }
  const std::size_t end = answer.find_last_not_of(" \t\r\n");
  return std::string(answer.substr(begin, end - begin + 1));
}

StatusOr<SelfTestResult> RunSelfTest(GenerationQueue& queue,
                                     const std::vector<GoldenPrompt>& prompts, Duration timeout,
                                     const Clock& clock, const std::stop_token& stop) {
  const Duration start = clock.Monotonic();
  SelfTestResult result;
  std::vector<double> speeds;
  for (const GoldenPrompt& golden : prompts) {
    const Duration left = timeout - (clock.Monotonic() - start);
    FLOTILLA_ASSIGN_OR_RETURN(const GoldenAnswer answer, Ask(queue, golden, left, stop));
    ++result.total;
    result.correct += LabelOf(answer.text) == golden.label ? 1 : 0;
    const double seconds = absl::ToDoubleSeconds(answer.generation.decode_time);
    if (answer.generation.completion_tokens > 1 && seconds > 0.0) {
      // The first token comes with the prompt.
      speeds.push_back((answer.generation.completion_tokens - 1) / seconds);
    }
  }
  result.tokens_per_second = Median(std::move(speeds));
  result.elapsed = clock.Monotonic() - start;
  return result;
}

}  // namespace flotilla::engine

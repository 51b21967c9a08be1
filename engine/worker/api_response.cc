#include "engine/worker/api_response.h"

#include <utility>

#include <boost/json.hpp>

namespace flotilla::engine {
namespace {

namespace json = boost::json;

json::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

json::value FinishText(const Generation& generation) {
  return generation.finish == FinishReason::kLength ? "length" : "stop";
}

json::object Usage(const Generation& generation) {
  return {{"prompt_tokens", generation.prompt_tokens},
          {"completion_tokens", generation.completion_tokens},
          {"total_tokens", generation.prompt_tokens + generation.completion_tokens}};
}

double PerSecond(std::uint32_t tokens, Duration time) {
  const double seconds = absl::ToDoubleSeconds(time);
  return seconds > 0.0 ? tokens / seconds : 0.0;
}

// As llama-server names them.
json::object Timings(const Generation& generation) {
  return {
      {"prompt_n", generation.prompt_tokens},
      {"prompt_ms", absl::ToDoubleMilliseconds(generation.prompt_time)},
      {"prompt_per_second", PerSecond(generation.prompt_tokens, generation.prompt_time)},
      {"predicted_n", generation.completion_tokens},
      {"predicted_ms", absl::ToDoubleMilliseconds(generation.decode_time)},
      {"predicted_per_second", PerSecond(generation.completion_tokens, generation.decode_time)}};
}

json::object Common(const AnswerHead& head, std::string_view chat_object) {
  const std::string_view object =
      head.kind == ApiKind::kChat ? chat_object : std::string_view("text_completion");
  return {
      {"id", head.id}, {"object", View(object)}, {"created", head.created}, {"model", head.model}};
}

std::string Event(const json::object& body) {
  return "data: " + json::serialize(body) + "\n\n";
}

// One choice of a chunk. `text` null: the closing one.
std::string ChunkEvent(const AnswerHead& head, json::object delta, json::value finish,
                       const json::object& extra) {
  json::object choice = {{"index", 0}};
  if (head.kind == ApiKind::kChat) {
    choice["delta"] = std::move(delta);
  } else {
    const json::value* const text = delta.if_contains("content");
    choice["text"] = text == nullptr ? json::value("") : *text;
  }
  choice["finish_reason"] = std::move(finish);
  json::object body = Common(head, "chat.completion.chunk");
  body["choices"] = json::array{std::move(choice)};
  for (const auto& [key, value] : extra) {
    body[key] = value;
  }
  return Event(body);
}

}  // namespace

std::string WholeBody(const AnswerHead& head, std::string_view text, const Generation& generation) {
  json::object choice = {{"index", 0}};
  if (head.kind == ApiKind::kChat) {
    choice["message"] = {{"role", "assistant"}, {"content", View(text)}};
  } else {
    choice["text"] = View(text);
  }
  choice["finish_reason"] = FinishText(generation);
  json::object body = Common(head, "chat.completion");
  body["choices"] = json::array{std::move(choice)};
  body["usage"] = Usage(generation);
  body["timings"] = Timings(generation);
  return json::serialize(body);
}

std::string OpeningEvent(const AnswerHead& head) {
  if (head.kind != ApiKind::kChat) {
    return {};
  }
  return ChunkEvent(head, {{"role", "assistant"}, {"content", ""}}, nullptr, {});
}

std::string PieceEvent(const AnswerHead& head, std::string_view piece) {
  return ChunkEvent(head, {{"content", View(piece)}}, nullptr, {});
}

std::string ClosingEvent(const AnswerHead& head, const Generation& generation) {
  return ChunkEvent(head, {}, FinishText(generation), {{"timings", Timings(generation)}});
}

std::string UsageEvent(const AnswerHead& head, const Generation& generation) {
  json::object body = Common(head, "chat.completion.chunk");
  body["choices"] = json::array();
  body["usage"] = Usage(generation);
  return Event(body);
}

std::string EndEvent() {
  return "data: [DONE]\n\n";
}

std::string ErrorEvent(std::string_view error_body) {
  return "data: " + std::string(error_body) + "\n\n";
}

std::string ModelsBody(const std::string& own_id, const ModelInfo& info,
                       const std::vector<std::string>& sibling_ids, std::int64_t created) {
  const auto entry = [&](const std::string& id) {
    return json::object{
        {"id", id}, {"object", "model"}, {"created", created}, {"owned_by", "flotilla"}};
  };
  json::object own = entry(own_id);
  own["meta"] = {{"n_ctx", info.context_tokens},
                 {"n_ctx_train", info.trained_context_tokens},
                 {"n_vocab", info.vocabulary},
                 {"n_params", info.parameters},
                 {"size", info.size_bytes}};
  json::array data = {std::move(own)};
  for (const std::string& id : sibling_ids) {
    data.push_back(entry(id));
  }
  return json::serialize(json::object{{"object", "list"}, {"data", std::move(data)}});
}

}  // namespace flotilla::engine

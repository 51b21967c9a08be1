#include "engine/worker/api_request.h"

#include <limits>
#include <utility>

#include <boost/json.hpp>

#include "engine/worker/json_fields.h"

namespace flotilla::engine {
namespace {

namespace json = boost::json;

StatusOr<std::string> ParseRole(const json::object& message) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto role, TextField(message, "role"));
  if (!role) {
    return InvalidArgument("each message needs a 'role'");
  }
  if (*role == "developer") {
    return std::string("system");
  }
  if (*role != "system" && *role != "user" && *role != "assistant" && *role != "tool") {
    return InvalidArgument("'role' must be system, user, assistant or tool");
  }
  return *role;
}

// {"type":"text","text":...}
StatusOr<std::string> ParseContentPart(const json::value& part) {
  const json::object* const object = part.if_object();
  if (object == nullptr) {
    return InvalidArgument("each part of a 'content' must be an object");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto type, TextField(*object, "type"));
  FLOTILLA_ASSIGN_OR_RETURN(const auto text, TextField(*object, "text"));
  if (type != "text" || !text) {
    return InvalidArgument("only parts of type 'text' are served");
  }
  return *text;
}

StatusOr<std::string> ParseContent(const json::object& message) {
  const json::value* const content = FindField(message, "content");
  if (content == nullptr) {
    return std::string();
  }
  if (content->is_string()) {
    return std::string(content->get_string());
  }
  if (!content->is_array()) {
    return InvalidArgument("'content' must be a string or a list of text parts");
  }
  std::string joined;
  for (const json::value& part : content->get_array()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string text, ParseContentPart(part));
    joined += text;
  }
  return joined;
}

StatusOr<Prompt> ParseMessages(const json::object& body) {
  const json::value* const messages = FindField(body, "messages");
  if (messages == nullptr || !messages->is_array() || messages->get_array().empty() ||
      messages->get_array().size() > kMaxMessages) {
    return InvalidArgument("'messages' must be a list of 1 to " + std::to_string(kMaxMessages) +
                           " messages");
  }
  std::vector<ChatMessage> parsed;
  for (const json::value& message : messages->get_array()) {
    const json::object* const object = message.if_object();
    if (object == nullptr) {
      return InvalidArgument("each message must be an object");
    }
    FLOTILLA_ASSIGN_OR_RETURN(std::string role, ParseRole(*object));
    FLOTILLA_ASSIGN_OR_RETURN(std::string content, ParseContent(*object));
    parsed.push_back({std::move(role), std::move(content)});
  }
  return Prompt(std::move(parsed));
}

StatusOr<Prompt> ParsePrompt(const json::object& body, ApiKind kind) {
  if (kind == ApiKind::kChat) {
    return ParseMessages(body);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto prompt, TextField(body, "prompt"));
  if (!prompt || prompt->empty()) {
    return InvalidArgument("'prompt' must be a string with something in it");
  }
  return Prompt(*prompt);
}

Status ParseSampling(const json::object& body, Sampling& sampling) {
  const auto number = [&](std::string_view name, double least, double most, float& out) -> Status {
    FLOTILLA_ASSIGN_OR_RETURN(const auto value, NumberField(body, name, least, most));
    out = value ? static_cast<float>(*value) : out;
    return OkStatus();
  };
  FLOTILLA_RETURN_IF_ERROR(number("temperature", 0.0, 2.0, sampling.temperature));
  FLOTILLA_RETURN_IF_ERROR(number("top_p", 0.0, 1.0, sampling.top_p));
  FLOTILLA_RETURN_IF_ERROR(number("min_p", 0.0, 1.0, sampling.min_p));
  FLOTILLA_RETURN_IF_ERROR(number("presence_penalty", -2.0, 2.0, sampling.presence_penalty));
  FLOTILLA_RETURN_IF_ERROR(number("frequency_penalty", -2.0, 2.0, sampling.frequency_penalty));
  FLOTILLA_ASSIGN_OR_RETURN(const auto top_k, IntegerField(body, "top_k", 0, 1'000'000));
  sampling.top_k = static_cast<std::int32_t>(top_k.value_or(sampling.top_k));
  FLOTILLA_ASSIGN_OR_RETURN(const auto seed,
                            IntegerField(body, "seed", std::numeric_limits<std::int64_t>::min(),
                                         std::numeric_limits<std::int64_t>::max()));
  if (seed) {
    sampling.seed = static_cast<std::uint32_t>(*seed & 0x7FFFFFFF);
  }
  return OkStatus();
}

StatusOr<std::uint32_t> ParseMaxTokens(const json::object& body) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  FLOTILLA_ASSIGN_OR_RETURN(const auto newer,
                            IntegerField(body, "max_completion_tokens", 1, kMost));
  FLOTILLA_ASSIGN_OR_RETURN(const auto older, IntegerField(body, "max_tokens", 1, kMost));
  return static_cast<std::uint32_t>(newer.value_or(older.value_or(0)));
}

Status AddStop(const json::value& value, std::vector<std::string>& stop) {
  const json::string* const text = value.if_string();
  if (text == nullptr || text->empty() || text->size() > kMaxStopBytes ||
      stop.size() == kMaxStopStrings) {
    return InvalidArgument("'stop' must be at most " + std::to_string(kMaxStopStrings) +
                           " strings of 1 to " + std::to_string(kMaxStopBytes) + " bytes");
  }
  stop.emplace_back(*text);
  return OkStatus();
}

Status ParseStop(const json::object& body, std::vector<std::string>& stop) {
  const json::value* const value = FindField(body, "stop");
  if (value == nullptr) {
    return OkStatus();
  }
  if (!value->is_array()) {
    return AddStop(*value, stop);
  }
  for (const json::value& element : value->get_array()) {
    FLOTILLA_RETURN_IF_ERROR(AddStop(element, stop));
  }
  return OkStatus();
}

Status ParseDelivery(const json::object& body, ApiRequest& request) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto stream, FlagField(body, "stream"));
  request.delivery = stream.value_or(false) ? Delivery::kStream : Delivery::kWhole;
  const json::value* const options = FindField(body, "stream_options");
  if (options == nullptr) {
    return OkStatus();
  }
  if (!options->is_object()) {
    return InvalidArgument("'stream_options' must be an object");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto usage, FlagField(options->get_object(), "include_usage"));
  request.usage = usage.value_or(false) ? UsageChunk::kSend : UsageChunk::kNone;
  return OkStatus();
}

Status RefuseUnserved(const json::object& body) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto choices, IntegerField(body, "n", 1, 128));
  if (choices.value_or(1) != 1) {
    return InvalidArgument("'n' must be 1");
  }
  const json::value* const tools = FindField(body, "tools");
  if (tools != nullptr && !(tools->is_array() && tools->get_array().empty())) {
    return InvalidArgument("'tools' are not served");
  }
  const json::value* const logprobs = FindField(body, "logprobs");
  if (logprobs != nullptr && *logprobs != json::value(false)) {
    return InvalidArgument("'logprobs' are not served");
  }
  const json::value* const format = FindField(body, "response_format");
  if (format != nullptr && *format != json::value{{"type", "text"}}) {
    return InvalidArgument("'response_format' must be of type 'text'");
  }
  return OkStatus();
}

}  // namespace

StatusOr<ApiRequest> ParseApiRequest(std::string_view body, ApiKind kind) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error.failed() || !value.is_object()) {
    return InvalidArgument("the body must be a JSON object");
  }
  const json::object& object = value.get_object();
  ApiRequest request;
  request.kind = kind;
  FLOTILLA_ASSIGN_OR_RETURN(const auto model, TextField(object, "model"));
  request.model = model.value_or("");
  FLOTILLA_RETURN_IF_ERROR(RefuseUnserved(object));
  FLOTILLA_ASSIGN_OR_RETURN(request.prompt, ParsePrompt(object, kind));
  FLOTILLA_ASSIGN_OR_RETURN(request.max_tokens, ParseMaxTokens(object));
  FLOTILLA_RETURN_IF_ERROR(ParseSampling(object, request.sampling));
  FLOTILLA_RETURN_IF_ERROR(ParseStop(object, request.stop));
  FLOTILLA_RETURN_IF_ERROR(ParseDelivery(object, request));
  return request;
}

}  // namespace flotilla::engine

#include "tests/e2e/support/local_client.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "absl/strings/str_cat.h"

namespace flotilla::e2e {
namespace {

namespace json = boost::json;

json::object ChatObject(const std::string& line, const std::string& text, int tokens) {
  return {{"model", line},
          {"messages", json::array{json::object{{"role", "user"}, {"content", text}}}},
          {"temperature", 0},
          {"max_tokens", tokens}};
}

std::int64_t NumberAt(const json::value& value, const char* pointer) {
  boost::system::error_code error;
  const json::value* const found = value.find_pointer(pointer, error);
  return found == nullptr || !found->is_int64() ? 0 : found->as_int64();
}

}  // namespace

AnswerFacts FactsOf(const std::string& body) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  AnswerFacts facts;
  if (error || !value.is_object()) {
    return facts;
  }
  const json::value* const id = value.as_object().if_contains("id");
  facts.id = id == nullptr || !id->is_string() ? "" : std::string(id->as_string());
  facts.prompt_tokens = NumberAt(value, "/usage/prompt_tokens");
  facts.completion_tokens = NumberAt(value, "/usage/completion_tokens");
  return facts;
}

HttpResult LocalClient::Post(const std::string& path, const std::string& body) const {
  HttpOptions options;
  options.body = body;
  return HttpCall(url_ + path, options);
}

HttpResult LocalClient::Chat(const std::string& text, int tokens) const {
  return Post("/v1/chat/completions", json::serialize(ChatObject(line_, text, tokens)));
}

HttpResult LocalClient::Completion(const std::string& text, int tokens) const {
  return Post("/v1/completions",
              json::serialize(json::object{
                  {"model", line_}, {"prompt", text}, {"temperature", 0}, {"max_tokens", tokens}}));
}

HttpResult LocalClient::Stream(const std::string& text, int tokens) const {
  json::object body = ChatObject(line_, text, tokens);
  body["stream"] = true;
  body["stream_options"] = json::object{{"include_usage", true}};
  return Post("/v1/chat/completions", json::serialize(body));
}

HttpResult LocalClient::Malformed(const std::string& text) const {
  json::object body = ChatObject(line_, text, 1);
  body["messages"] = json::array{json::object{{"role", text}, {"content", text}}};
  body[text] = text;
  return Post("/v1/chat/completions", json::serialize(body));
}

HttpResult LocalClient::Overlong(const std::string& text) const {
  std::string much;
  while (much.size() < 20'000) {
    absl::StrAppend(&much, text, " ");
  }
  return Chat(much, 1);
}

HttpResult LocalClient::MarkSolved(const std::string& id) const {
  return Post("/v1/outcome", json::serialize(json::object{{"id", id}, {"outcome", "solved"}}));
}

}  // namespace flotilla::e2e

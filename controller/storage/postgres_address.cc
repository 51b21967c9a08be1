#include "controller/storage/postgres_address.h"

#include <map>
#include <memory>

#include <libpq-fe.h>
#include "absl/strings/str_cat.h"

namespace flotilla::controller {
namespace {

struct FreeText {
  void operator()(char* text) const { PQfreemem(text); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string Quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') {
      text.push_back('\\');
    }
    text.push_back(c);
  }
  text.push_back('\'');
  return text;
}

}  // namespace

StatusOr<std::string> PostgresConninfo(const std::string& address) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      PQconninfoParse(address.c_str(), &problem));
  const std::unique_ptr<char, FreeText> owned(problem);
  if (parsed == nullptr) {
    std::string text = problem == nullptr ? "no memory" : problem;
    while (!text.empty() && text.back() == '\n') {
      text.pop_back();
    }
    return InvalidArgument(text);
  }
  std::map<std::string, std::string> keywords = {
      {"application_name", "flotilla-controller"},
      {"connect_timeout", "10"},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "4"},
      {"tcp_user_timeout", "30000"},
  };
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      keywords[option->keyword] = option->val;
    }
  }
  if (keywords.contains("password") || keywords.contains("sslpassword")) {
    return InvalidArgument("a password stands in a file that passfile=FILE names, not here");
  }
  std::string conninfo;
  for (const auto& [keyword, value] : keywords) {
    absl::StrAppend(&conninfo, conninfo.empty() ? "" : " ", keyword, "=", Quoted(value));
  }
  return conninfo;
}

}  // namespace flotilla::controller

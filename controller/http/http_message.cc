#include "controller/http/http_message.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::http {

std::string Request::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::string Request::Query(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

Response TextResponse(unsigned status, std::string content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", std::move(content_type));
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

unsigned HttpStatusOf(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return 200;
    case StatusCode::kInvalidArgument:
    case StatusCode::kOutOfRange:
      return 400;
    case StatusCode::kUnauthenticated:
      return 401;
    case StatusCode::kPermissionDenied:
      return 403;
    case StatusCode::kNotFound:
      return 404;
    case StatusCode::kAlreadyExists:
    case StatusCode::kAborted:
    case StatusCode::kFailedPrecondition:
      return 409;
    case StatusCode::kDataLoss:
      return 422;
    case StatusCode::kResourceExhausted:
      return 507;
    case StatusCode::kUnavailable:
      return 503;
    case StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

Response ProblemResponse(const Status& status) {
  const unsigned code = HttpStatusOf(status.code());
  boost::json::object problem;
  problem["type"] = "about:blank";
  problem["title"] = CodeName(status.code());
  problem["status"] = code;
  problem["detail"] = MessageOf(status);
  const int reason = ReasonNumber(status);
  if (reason != 0) {
    problem["reason"] = v1::FailureReason_Name(static_cast<v1::FailureReason>(reason));
    problem["reason_number"] = reason;
  }
  return TextResponse(code, "application/problem+json", boost::json::serialize(problem));
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const auto byte = HexDecode(text.substr(i + 1, 2));
    if (i + 2 >= text.size() || !byte.ok() || byte->front() == 0) {
      return std::nullopt;
    }
    decoded.push_back(static_cast<char>(byte->front()));
    i += 2;
  }
  return decoded;
}

std::map<std::string, std::string> ParseQuery(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    const auto name = PercentDecode(pair.substr(0, equals));
    const auto value =
        PercentDecode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (name.has_value() && value.has_value() && !name->empty()) {
      query[*name] = *value;
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return query;
}

}  // namespace flotilla::http

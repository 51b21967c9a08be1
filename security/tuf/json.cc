#include "security/tuf/json.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/string.hpp>

#include "flotilla/v1/failure_reason.pb.h"
#include "security/tuf/limits.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

// Builds the tree and keeps the first rule that was broken; boost's own codes are not our contract.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);  // NOLINT: names of boost's
  static constexpr std::size_t max_array_size = std::size_t(-1);   // NOLINT: names of boost's
  static constexpr std::size_t max_key_size = kMaxStringBytes;     // NOLINT: names of boost's
  static constexpr std::size_t max_string_size = kMaxStringBytes;  // NOLINT: names of boost's

  bool on_document_begin(json::error_code& /*error*/) { return true; }
  bool on_document_end(json::error_code& /*error*/) { return true; }
  bool on_object_begin(json::error_code& error) { return Open(json::object(), error); }
  bool on_object_end(std::size_t /*count*/, json::error_code& error) { return Close(error); }
  bool on_array_begin(json::error_code& error) { return Open(json::array(), error); }
  bool on_array_end(std::size_t /*count*/, json::error_code& error) { return Close(error); }

  bool on_key_part(json::string_view part, std::size_t /*size*/, json::error_code& /*error*/) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t /*size*/, json::error_code& error) {
    text_.append(part.data(), part.size());
    Level& level = levels_.back();
    level.key = std::exchange(text_, {});
    if (level.value.as_object().contains(level.key)) {
      return Fail(error, v1::FAILURE_REASON_FORM_JSON_DUPLICATE);
    }
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t /*size*/, json::error_code& /*error*/) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t /*size*/, json::error_code& error) {
    text_.append(part.data(), part.size());
    return Add(json::string(std::exchange(text_, {})), error);
  }

  bool on_number_part(json::string_view /*part*/, json::error_code& /*error*/) { return true; }
  bool on_int64(std::int64_t number, json::string_view /*part*/, json::error_code& error) {
    return Add(number, error);
  }
  bool on_uint64(std::uint64_t /*number*/, json::string_view /*part*/, json::error_code& error) {
    return Fail(error, v1::FAILURE_REASON_FORM_JSON_NUMBER);
  }
  bool on_double(double /*number*/, json::string_view /*part*/, json::error_code& error) {
    return Fail(error, v1::FAILURE_REASON_FORM_JSON_NUMBER);
  }
  bool on_bool(bool value, json::error_code& error) { return Add(value, error); }
  bool on_null(json::error_code& error) { return Add(nullptr, error); }
  bool on_comment_part(json::string_view /*part*/, json::error_code& /*error*/) { return true; }
  bool on_comment(json::string_view /*part*/, json::error_code& /*error*/) { return true; }

  v1::FailureReason reason() const { return reason_; }
  json::value Take() { return std::move(root_); }

 private:
  struct Level {
    json::value value;
    std::string key;  // of the member being read, in an object
  };

  bool Fail(json::error_code& error, v1::FailureReason reason) {
    reason_ = reason;
    error = make_error_code(std::errc::invalid_argument);
    return false;
  }
  bool Open(json::value container, json::error_code& error) {
    if (levels_.size() >= kMaxJsonDepth) {
      return Fail(error, v1::FAILURE_REASON_FORM_JSON_DEPTH);
    }
    levels_.push_back({std::move(container), {}});
    return true;
  }
  bool Close(json::error_code& error) {
    json::value done = std::move(levels_.back().value);
    levels_.pop_back();
    return Add(std::move(done), error);
  }
  bool Add(json::value value, json::error_code& /*error*/) {
    if (levels_.empty()) {
      root_ = std::move(value);
    } else if (json::array* array = levels_.back().value.if_array()) {
      array->push_back(std::move(value));
    } else {
      levels_.back().value.as_object().emplace(levels_.back().key, std::move(value));
    }
    return true;
  }

  std::vector<Level> levels_;
  std::string text_;
  json::value root_;
  v1::FailureReason reason_ = v1::FAILURE_REASON_UNSPECIFIED;
};

v1::FailureReason ReasonOf(const json::error_code& error) {
  if (error == json::error::illegal_leading_surrogate ||
      error == json::error::illegal_trailing_surrogate ||
      error == json::error::expected_utf16_escape) {
    return v1::FAILURE_REASON_FORM_UTF8;
  }
  if (error == json::error::exponent_overflow) {
    return v1::FAILURE_REASON_FORM_JSON_NUMBER;
  }
  if (error == json::error::key_too_large || error == json::error::string_too_large) {
    return v1::FAILURE_REASON_FORM_SCHEMA;
  }
  return v1::FAILURE_REASON_FORM_JSON_SYNTAX;
}

Status Refused(v1::FailureReason reason, const std::string& text) {
  return WithReason(DataLoss(text), reason);
}

// How long the UTF-8 sequence with this first byte is, and what its second byte may be (RFC 3629
// section 4: no overlong forms, no surrogates, nothing above U+10FFFF).
struct Utf8Start {
  std::uint8_t first;
  std::uint8_t last;
  std::size_t length;
  std::uint8_t second_lowest;
  std::uint8_t second_highest;
};
constexpr Utf8Start kUtf8Starts[] = {
    {0x00, 0x7f, 1, 0x00, 0x00}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

// Length of the UTF-8 sequence that starts `text`; 0 when it is none.
std::size_t Utf8SequenceLength(ByteView text) {
  const auto* const start = std::find_if(
      std::begin(kUtf8Starts), std::end(kUtf8Starts),
      [&](const Utf8Start& row) { return text[0] >= row.first && text[0] <= row.last; });
  if (start == std::end(kUtf8Starts) || text.size() < start->length) {
    return 0;
  }
  if (start->length == 1) {
    return 1;
  }
  const ByteView rest = text.subspan(2, start->length - 2);
  const bool good = text[1] >= start->second_lowest && text[1] <= start->second_highest &&
                    std::all_of(rest.begin(), rest.end(),
                                [](std::uint8_t byte) { return (byte & 0xc0U) == 0x80U; });
  return good ? start->length : 0;
}

bool IsUtf8(ByteView text) {
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text);
    if (length == 0) {
      return false;
    }
    text = text.subspan(length);
  }
  return true;
}

}  // namespace

StatusOr<json::value> ParseJson(ByteView bytes, std::uint64_t max_bytes) {
  if (bytes.size() > max_bytes) {
    return Refused(v1::FAILURE_REASON_FETCH_TOO_LARGE,
                   "more than " + std::to_string(max_bytes) + " bytes");
  }
  if (!IsUtf8(bytes)) {
    return Refused(v1::FAILURE_REASON_FORM_UTF8, "not UTF-8");
  }
  json::parse_options options;
  options.max_depth = kMaxJsonDepth + 1;  // the handler counts, and names its own reason
  json::basic_parser<StrictHandler> parser(options);
  json::error_code error;
  const std::string_view text = AsText(bytes);
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error.failed()) {
    const v1::FailureReason broken = parser.handler().reason();
    const bool ours = broken != v1::FAILURE_REASON_UNSPECIFIED;
    return Refused(ours ? broken : ReasonOf(error),
                   (ours ? v1::FailureReason_Name(broken) : error.message()) + " at byte " +
                       std::to_string(used));
  }
  if (text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
    return Refused(v1::FAILURE_REASON_FORM_JSON_SYNTAX, "bytes after the value");
  }
  return parser.handler().Take();
}

}  // namespace flotilla::tuf

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "security/tuf/json.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

enum class Layout { kCanonical, kLegible };

class Encoder {
 public:
  explicit Encoder(Layout layout) : layout_(layout) {}

  Status Write(const json::value& value) {
    switch (value.kind()) {
      case json::kind::null:
        out_ += "null";
        return OkStatus();
      case json::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        return OkStatus();
      case json::kind::int64:
        out_ += std::to_string(value.get_int64());
        return OkStatus();
      case json::kind::uint64:
        return WriteUnsigned(value.get_uint64());
      case json::kind::double_:
        return InvalidArgument("signed metadata has no floating-point numbers");
      case json::kind::string:
        WriteString(value.get_string());
        return OkStatus();
      case json::kind::array:
        return WriteArray(value.get_array());
      case json::kind::object:
        return WriteObject(value.get_object());
    }
    return Internal("a JSON value of no kind");
  }
  std::string Take() { return std::move(out_); }

 private:
  Status WriteUnsigned(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return InvalidArgument("a number beyond 63 bits");
    }
    out_ += std::to_string(number);
    return OkStatus();
  }

  void WriteString(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (layout_ == Layout::kLegible && static_cast<unsigned char>(c) < 0x20) {
        WriteEscape(c);
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  void WriteEscape(char c) {
    if (c == '\n') {
      out_ += "\\n";
      return;
    }
    std::array<char, 8> escape{};
    (void)std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
    out_ += escape.data();
  }

  Status WriteArray(const json::array& array) {
    out_ += '[';
    ++depth_;
    bool first = true;
    for (const json::value& element : array) {
      Separate(first);
      first = false;
      FLOTILLA_RETURN_IF_ERROR(Write(element));
    }
    --depth_;
    Close(']', array.empty());
    return OkStatus();
  }

  Status WriteObject(const json::object& object) {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const json::key_value_pair& member : object) {
      members.push_back(&member);
    }
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
    out_ += '{';
    ++depth_;
    bool first = true;
    for (const json::key_value_pair* member : members) {
      Separate(first);
      first = false;
      WriteString(member->key());
      out_ += layout_ == Layout::kLegible ? ": " : ":";
      FLOTILLA_RETURN_IF_ERROR(Write(member->value()));
    }
    --depth_;
    Close('}', object.empty());
    return OkStatus();
  }

  void Separate(bool first) {
    if (!first) {
      out_ += ',';
    }
    NewLine();
  }
  void Close(char bracket, bool empty) {
    if (!empty) {
      NewLine();
    }
    out_ += bracket;
  }
  void NewLine() {
    if (layout_ == Layout::kLegible) {
      out_ += '\n';
      out_.append(depth_, ' ');
    }
  }

  Layout layout_;
  std::size_t depth_ = 0;
  std::string out_;
};

StatusOr<std::string> Encode(const json::value& value, Layout layout) {
  Encoder encoder(layout);
  FLOTILLA_RETURN_IF_ERROR(encoder.Write(value));
  return encoder.Take();
}

}  // namespace

StatusOr<std::string> EncodeCanonical(const json::value& value) {
  return Encode(value, Layout::kCanonical);
}

StatusOr<std::string> EncodeLegible(const json::value& value) {
  FLOTILLA_ASSIGN_OR_RETURN(std::string text, Encode(value, Layout::kLegible));
  return text + "\n";
}

}  // namespace flotilla::tuf

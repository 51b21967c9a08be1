#include "tests/conformance/vectors/vector_folder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/json.hpp>

#include "base/file.h"

namespace flotilla::conformance {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{256} << 20U;
constexpr std::size_t kMaxExactDigits = 18;

struct Counts {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Where the text literal that begins at `at` ends.
std::size_t EndOfText(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    at += text[at] == '\\' ? 1U : 0U;
  }
  return std::min(at + 1, text.size());
}

std::size_t EndOfNumber(std::string_view text, std::size_t at) {
  const std::size_t end = text.find_first_not_of("+-.0123456789eE", at);
  return end == std::string_view::npos ? text.size() : end;
}

std::string QuoteLongIntegers(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool is_text = text[at] == '"';
    const bool is_number = IsDigit(text[at]) || text[at] == '-';
    const std::size_t end = is_text     ? EndOfText(text, at)
                            : is_number ? EndOfNumber(text, at)
                                        : at + 1;
    const std::string_view piece = text.substr(at, end - at);
    const bool quote = is_number && piece.size() > kMaxExactDigits &&
                       piece.find_first_of(".eE+") == std::string_view::npos;
    out += quote ? "\"" + std::string(piece) + "\"" : std::string(piece);
    at = end;
  }
  return out;
}

StatusOr<std::vector<std::filesystem::path>> JsonFiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".json") {
      files.push_back(it->path());
    }
  }
  if (error) {
    return NotFound(folder.string() + ": " + error.message());
  }
  if (files.empty()) {
    return NotFound(folder.string() + ": no *.json file is here");
  }
  std::sort(files.begin(), files.end());
  return files;
}

void Count(const VectorResult& result, const std::string& name, Counts& counts, std::ostream& out) {
  if (result.verdict == Verdict::kPassed) {
    ++counts.passed;
  } else if (result.verdict == Verdict::kSkipped) {
    ++counts.skipped;
    out << "skipped " << name << ": " << result.why << "\n";
  } else {
    ++counts.failed;
    out << "FAILED " << name << ": " << result.why << "\n";
  }
}

void CheckValue(const boost::json::value& value, const std::string& name, const VectorCheck& check,
                Counts& counts, std::ostream& out) {
  if (value.is_object()) {
    Count(check(value.get_object()), name, counts, out);
    return;
  }
  if (!value.is_array() || value.get_array().empty()) {
    Count(Failed("neither an entry nor an array of entries"), name, counts, out);
    return;
  }
  std::size_t index = 0;
  for (const boost::json::value& element : value.get_array()) {
    const std::string place = name + "[" + std::to_string(index) + "]";
    Count(element.is_object() ? check(element.get_object()) : Failed("no object"), place, counts,
          out);
    ++index;
  }
}

}  // namespace

StatusOr<boost::json::value> ParseVectorJson(std::string_view text) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(QuoteLongIntegers(text), error);
  if (error) {
    return InvalidArgument("no JSON: " + error.message());
  }
  return value;
}

int RunVectorFolder(const std::filesystem::path& folder, const VectorCheck& check,
                    std::ostream& out) {
  const auto files = JsonFiles(folder);
  if (!files.ok()) {
    out << MessageOf(files.status()) << "\n";
    return 2;
  }
  Counts counts;
  for (const std::filesystem::path& file : *files) {
    const StatusOr<Bytes> bytes = ReadFile(file, kMaxFileBytes);
    if (!bytes.ok()) {
      out << file.string() << ": " << MessageOf(bytes.status()) << "\n";
      return 2;
    }
    const std::string name = file.filename().string();
    const StatusOr<boost::json::value> value = ParseVectorJson(AsText(*bytes));
    if (value.ok()) {
      CheckValue(*value, name, check, counts, out);
    } else {
      Count(Failed(MessageOf(value.status())), name, counts, out);
    }
  }
  out << counts.passed << " passed, " << counts.failed << " failed";
  if (counts.skipped > 0) {
    out << ", " << counts.skipped << " skipped";
  }
  out << "\n";
  return counts.failed == 0 ? 0 : 1;
}

StatusOr<Bytes> HexField(const boost::json::object& entry, std::string_view name) {
  const boost::json::value* const value = entry.if_contains(name);
  if (value == nullptr || !value->is_string()) {
    return InvalidArgument(std::string(name) + " is missing");
  }
  const boost::json::string& text = value->get_string();
  StatusOr<Bytes> bytes = HexDecode(std::string_view(text.data(), text.size()));
  return bytes.ok() ? bytes : Annotate(bytes.status(), std::string(name));
}

StatusOr<std::string> DigitsField(const boost::json::object& entry, std::string_view name) {
  const boost::json::value* const value = entry.if_contains(name);
  if (value == nullptr) {
    return InvalidArgument(std::string(name) + " is missing");
  }
  StatusOr<std::string> digits = DigitsOf(*value);
  return digits.ok() ? digits : Annotate(digits.status(), std::string(name));
}

StatusOr<std::string> DigitsOf(const boost::json::value& value) {
  std::string text;
  if (value.is_int64()) {
    text = std::to_string(value.get_int64());
  } else if (value.is_uint64()) {
    text = std::to_string(value.get_uint64());
  } else if (value.is_string()) {
    text = std::string(value.get_string().data(), value.get_string().size());
  }
  const std::string_view digits = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return InvalidArgument("no whole number");
  }
  return text;
}

}  // namespace flotilla::conformance

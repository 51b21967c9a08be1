#include "agent/condition/sysfs.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

namespace flotilla::agent {
namespace {

constexpr int kDecimal = 10;
constexpr int kHexadecimal = 16;

template <typename Number>
std::optional<Number> Parse(std::string_view text, int base) {
  Number number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

template <typename Number>
std::optional<Number> ReadDecimal(const std::filesystem::path& file) {
  const std::optional<std::string> text = ReadSysfs(file);
  return text.has_value() ? Parse<Number>(*text, kDecimal) : std::nullopt;
}

bool IsNumbered(std::string_view name, std::string_view prefix, std::string_view suffix) {
  if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) ||
      !name.ends_with(suffix)) {
    return false;
  }
  name.remove_prefix(prefix.size());
  name.remove_suffix(suffix.size());
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> ReadSysfs(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return std::nullopt;  // a pipe would hold the caller up
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMaxSysfsBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.eof()) {
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  text.erase(text.find_last_not_of(" \t\n") + 1);
  return text;
}

std::optional<std::int64_t> ReadSysfsInteger(const std::filesystem::path& file) {
  return ReadDecimal<std::int64_t>(file);
}

std::optional<std::uint64_t> ReadSysfsUnsigned(const std::filesystem::path& file) {
  return ReadDecimal<std::uint64_t>(file);
}

std::optional<std::uint64_t> ReadSysfsHex(const std::filesystem::path& file) {
  const std::optional<std::string> text = ReadSysfs(file);
  if (!text.has_value()) {
    return std::nullopt;
  }
  std::string_view digits = *text;
  if (digits.starts_with("0x")) {
    digits.remove_prefix(2);
  }
  return Parse<std::uint64_t>(digits, kHexadecimal);
}

std::vector<std::filesystem::path> SysfsNumbered(const std::filesystem::path& folder,
                                                 std::string_view prefix, std::string_view suffix) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (IsNumbered(entry->path().filename().string(), prefix, suffix)) {
      found.push_back(entry->path());
    }
  }
  std::sort(found.begin(), found.end());
  found.resize(std::min(found.size(), kMaxSysfsEntries));
  return found;
}

}  // namespace flotilla::agent

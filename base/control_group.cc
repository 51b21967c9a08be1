#include "base/control_group.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace flotilla {
namespace {

// Takes a decimal number, and the blank behind it, off the front of `text`.
std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  if (!text.empty() && (text.front() == ' ' || text.front() == '\n')) {
    text.remove_prefix(1);
  }
  return number;
}

// The path of the line "0::/PATH"; nothing: there is none.
std::optional<std::string_view> UnifiedPath(std::string_view text) {
  constexpr std::string_view kUnified = "0::/";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(kUnified)) {
      return line.substr(kUnified.size() - 1);
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> ControlGroups(std::string_view proc_self_cgroup) {
  std::vector<std::string> groups;
  std::optional<std::string_view> path = UnifiedPath(proc_self_cgroup);
  if (!path.has_value()) {
    return groups;
  }
  for (std::string_view rest = *path; !rest.empty(); rest = rest.substr(0, rest.rfind('/'))) {
    if (rest != "/") {
      groups.emplace_back(rest);
    }
  }
  groups.emplace_back();
  return groups;
}

std::optional<double> CoresOfCpuMax(std::string_view text) {
  const std::optional<std::uint64_t> quota = TakeNumber(text);
  const std::optional<std::uint64_t> period = quota.has_value() ? TakeNumber(text) : std::nullopt;
  if (!period.has_value() || *period == 0) {
    return std::nullopt;
  }
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::uint64_t> BytesOfMemoryMax(std::string_view text) {
  return TakeNumber(text);
}

unsigned WholeCores(unsigned runnable, std::optional<double> quota) {
  double cores = std::max(1U, runnable);
  if (quota.has_value()) {
    cores = std::clamp(*quota, 1.0, cores);
  }
  return static_cast<unsigned>(cores);
}

}  // namespace flotilla

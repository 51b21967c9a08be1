#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/format/release_document.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;

bool NamesDevice(const ReleaseVariant& variant, const v1::DeviceFacts& facts) {
  return variant.hardware.empty() || std::any_of(variant.hardware.begin(), variant.hardware.end(),
                                                 [&](const std::string& name) {
                                                   return name == facts.arch() ||
                                                          name == facts.hardware();
                                                 });
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The leading numbers of "0.5.0-rc1": {0, 5, 0}; what is no number counts as 0.
std::vector<std::uint64_t> Numbers(std::string_view version) {
  std::vector<std::uint64_t> numbers;
  while (!version.empty() && IsDigit(version.front())) {
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    numbers.push_back(error == std::errc() ? number : UINT64_MAX);
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (!version.empty() && version.front() == '.') {
      version.remove_prefix(1);
    }
  }
  while (!numbers.empty() && numbers.back() == 0) {
    numbers.pop_back();
  }
  return numbers;
}

bool AtLeast(std::string_view version, std::string_view least) {
  return Numbers(version) >= Numbers(least);
}

}  // namespace

StatusOr<const ReleaseVariant*> PickVariant(const ReleaseDocument& document,
                                            const v1::DeviceFacts& facts) {
  const ReleaseVariant* best = nullptr;
  bool named = false;
  for (const ReleaseVariant& variant : document.variants) {
    if (!NamesDevice(variant, facts)) {
      continue;
    }
    named = true;
    if (variant.min_ram_mb * kMiB > facts.memory_bytes()) {
      continue;
    }
    if (best == nullptr || variant.model().target.length > best->model().target.length) {
      best = &variant;
    }
  }
  if (best != nullptr) {
    return best;
  }
  if (!named) {
    return WithReason(FailedPrecondition("no variant of " + document.version + " is for " +
                                         facts.arch() + " " + facts.hardware()),
                      v1::FAILURE_REASON_POLICY_HARDWARE);
  }
  return WithReason(
      FailedPrecondition("every variant of " + document.version + " needs more memory than " +
                         std::to_string(facts.memory_bytes() / kMiB) + " MiB"),
      v1::FAILURE_REASON_POLICY_RAM);
}

Status CheckVersions(const ReleaseDocument& document, const std::string& agent_version,
                     const std::string& engine_version) {
  if (!document.min_agent.empty() && !AtLeast(agent_version, document.min_agent)) {
    return WithReason(FailedPrecondition("needs agent " + document.min_agent +
                                         " or newer, this is " + agent_version),
                      v1::FAILURE_REASON_POLICY_MIN_AGENT);
  }
  if (document.engine.empty() || engine_version.empty()) {
    return OkStatus();
  }
  std::string_view least = document.engine;
  const bool understood = least.starts_with(">=");
  least.remove_prefix(understood ? 2 : 0);
  if (!understood || !AtLeast(engine_version, least)) {
    return WithReason(
        FailedPrecondition("needs engine " + document.engine + ", this is " + engine_version),
        v1::FAILURE_REASON_POLICY_ENGINE);
  }
  return OkStatus();
}

}  // namespace flotilla::ota

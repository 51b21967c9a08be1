#include "ota/format/requirements.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {
namespace {

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

Status CheckRequired(const ReleaseDocument& document, const std::string& agent_version) {
  for (const std::string& word : document.required) {
    if (!IsKnownKind(word)) {
      return WithReason(
          FailedPrecondition(absl::StrCat("needs an agent that knows '", word,
                                          "', which this one, ", agent_version, ", does not")),
          v1::FAILURE_REASON_POLICY_MIN_AGENT);
    }
  }
  return OkStatus();
}

}  // namespace

std::string ScaleText(std::uint32_t scale_milli) {
  std::string text = std::to_string(scale_milli / 1000);
  if (const std::uint32_t rest = scale_milli % 1000; rest != 0) {
    std::string digits = std::to_string(1000 + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text;
}

bool IsKnownKind(const std::string& kind) {
  return kind == kModelKind || kind == kAdapterKind || kind == kChatTemplateKind;
}

std::vector<std::string> RequirementsOf(const ReleaseDocument& document) {
  std::set<std::string> kinds;
  for (const ReleaseVariant& variant : document.variants) {
    for (const VariantFile& file : variant.files) {
      if (file.kind != kModelKind && !file.optional) {
        kinds.insert(file.kind);
      }
    }
  }
  return {kinds.begin(), kinds.end()};
}

Status CheckVersions(const ReleaseDocument& document, const std::string& agent_version,
                     const std::string& engine_version) {
  if (!document.min_agent.empty() && !AtLeast(agent_version, document.min_agent)) {
    return WithReason(FailedPrecondition("needs agent " + document.min_agent +
                                         " or newer, this is " + agent_version),
                      v1::FAILURE_REASON_POLICY_MIN_AGENT);
  }
  FLOTILLA_RETURN_IF_ERROR(CheckRequired(document, agent_version));
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

#include "ota/format/pick_variant.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/format/requirements.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

// The more bits a weight, the earlier.
constexpr std::array<std::string_view, 20> kByPrecision = {
    "f32",  "bf16",   "f16",    "q8_0", "q6_k",   "q5_k_m", "q5_1",   "q5_k_s", "q5_0",    "q4_k_m",
    "q4_1", "q4_k_s", "iq4_nl", "q4_0", "iq4_xs", "q3_k_l", "q3_k_m", "q3_k_s", "iq3_xxs", "q2_k"};

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : " or ") + name;
  }
  return text;
}

std::string MemoryText(std::uint64_t bytes) {
  return std::to_string((bytes + kMiB - 1) / kMiB) + " MiB";
}

// How near a variant comes to running on the device; its reason when it does not.
struct Fit {
  enum class Lacks { kHardware = 0, kAgent, kMemory, kNothing };
  Lacks lacks = Lacks::kNothing;
  std::string text;
};

Fit CheckDevice(const ReleaseVariant& variant, const v1::DeviceFacts& facts) {
  const bool named = variant.hardware.empty() || Holds(variant.hardware, facts.arch()) ||
                     Holds(variant.hardware, facts.hardware());
  if (!named) {
    return {Fit::Lacks::kHardware, variant.name + " is for " + Joined(variant.hardware)};
  }
  if (!variant.architectures.empty() && !Holds(variant.architectures, facts.arch())) {
    return {Fit::Lacks::kHardware, variant.name + " is for " + Joined(variant.architectures)};
  }
  for (const std::string& feature : variant.cpu_features) {
    if (std::find(facts.cpu_features().begin(), facts.cpu_features().end(), feature) ==
        facts.cpu_features().end()) {
      return {Fit::Lacks::kHardware, variant.name + " needs a CPU with " + feature};
    }
  }
  return {};
}

Fit CheckMemory(const ReleaseVariant& variant, std::uint64_t memory_bytes) {
  const std::uint64_t stated = variant.min_ram_mb * kMiB;
  const std::uint64_t need = memory_bytes == 0 ? stated : std::max(stated, MemoryNeed(variant));
  if (need <= memory_bytes) {
    return {};
  }
  return {Fit::Lacks::kMemory, variant.name + " needs " + MemoryText(need) + " of memory"};
}

Fit CheckAll(const ReleaseVariant& variant, const v1::DeviceFacts& facts) {
  if (Fit fit = CheckDevice(variant, facts); fit.lacks != Fit::Lacks::kNothing) {
    return fit;
  }
  for (const VariantFile& file : variant.files) {
    if (!file.optional && !IsKnownKind(file.kind)) {
      return {Fit::Lacks::kAgent, variant.name + " has a file of kind " + file.kind +
                                      ", which this agent does not know"};
    }
  }
  return CheckMemory(variant, facts.memory_bytes());
}

bool IsForHardware(const ReleaseVariant& variant, const v1::DeviceFacts& facts) {
  return !facts.hardware().empty() && Holds(variant.hardware, facts.hardware());
}

std::size_t PrecisionRank(const ReleaseVariant& variant) {
  return static_cast<std::size_t>(
      std::find(kByPrecision.begin(), kByPrecision.end(), variant.quantisation) -
      kByPrecision.begin());
}

bool IsBetter(const ReleaseVariant& a, const ReleaseVariant& b, const v1::DeviceFacts& facts) {
  const auto first = std::tuple(IsForHardware(a, facts), a.cpu_features.size());
  const auto second = std::tuple(IsForHardware(b, facts), b.cpu_features.size());
  if (first != second) {
    return first > second;
  }
  const std::size_t rank_a = PrecisionRank(a);
  const std::size_t rank_b = PrecisionRank(b);
  const bool comparable = rank_a < kByPrecision.size() && rank_b < kByPrecision.size();
  if (comparable && rank_a != rank_b) {
    return rank_a < rank_b;
  }
  return a.model().target.length > b.model().target.length;
}

std::string DeviceText(const v1::DeviceFacts& facts, Fit::Lacks lacks) {
  if (lacks == Fit::Lacks::kMemory) {
    return "this device has " + std::to_string(facts.memory_bytes() / kMiB) + " MiB";
  }
  return "this device is " + facts.arch() +
         (facts.hardware().empty() ? "" : " " + facts.hardware());
}

struct Refusals {
  Fit::Lacks nearest = Fit::Lacks::kHardware;
  std::string text;  // "q8_0 needs 900 MiB of memory, q6_k is for jetson"

  void Add(const Fit& fit) {
    nearest = std::max(nearest, fit.lacks);
    text += (text.empty() ? "" : ", ") + fit.text;
  }
};

Status NoneFits(const ReleaseDocument& document, const v1::DeviceFacts& facts,
                const Refusals& refusals) {
  constexpr std::array kReasons = {v1::FAILURE_REASON_POLICY_HARDWARE,
                                   v1::FAILURE_REASON_POLICY_MIN_AGENT,
                                   v1::FAILURE_REASON_POLICY_RAM};
  return WithReason(FailedPrecondition("no variant of " + document.version + " fits: " +
                                       refusals.text + "; " + DeviceText(facts, refusals.nearest)),
                    kReasons.at(static_cast<std::size_t>(refusals.nearest)));
}

}  // namespace

std::uint64_t EngineMemory(std::uint64_t weight_bytes, std::uint64_t context_bytes) {
  constexpr std::uint64_t kFixedBytes = 64 * kMiB;
  return weight_bytes + weight_bytes / 4 + context_bytes + kFixedBytes;
}

std::uint64_t MemoryNeed(const ReleaseVariant& variant) {
  std::uint64_t weights = 0;
  for (const VariantFile& file : variant.files) {
    weights += file.kind == kModelKind || file.kind == kAdapterKind ? file.target.length : 0;
  }
  return EngineMemory(weights, variant.context_bytes);
}

StatusOr<VariantChoice> PickVariant(const ReleaseDocument& document, const v1::DeviceFacts& facts) {
  VariantChoice choice;
  Refusals refusals;
  for (const ReleaseVariant& variant : document.variants) {
    if (const Fit fit = CheckAll(variant, facts); fit.lacks != Fit::Lacks::kNothing) {
      refusals.Add(fit);
    } else if (choice.variant == nullptr || IsBetter(variant, *choice.variant, facts)) {
      choice.variant = &variant;
    }
  }
  if (choice.variant == nullptr) {
    return NoneFits(document, facts, refusals);
  }
  const std::string& name = choice.variant->name;
  if (!refusals.text.empty()) {
    choice.why = refusals.text + " and " + DeviceText(facts, refusals.nearest) + ": " + name;
  } else {
    choice.why = document.variants.size() == 1 ? name + " is the only variant"
                                               : name + " is the best of those, and all fit";
  }
  return choice;
}

}  // namespace flotilla::ota

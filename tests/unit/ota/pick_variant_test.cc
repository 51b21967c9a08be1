#include "ota/format/pick_variant.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/sha256.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TargetRef Target(const std::string& path, std::uint64_t length) {
  return {path, security::Sha256(AsBytes(path)), length};
}

// What a row of the table says of a variant.
struct Offer {
  std::string name;
  std::uint64_t model_mb = 100;
  std::string quantisation = {};
  std::vector<std::string> hw = {};
  std::vector<std::string> arch = {};
  std::vector<std::string> cpu = {};
  std::uint64_t min_ram_mb = 0;
  std::uint64_t adapter_mb = 0;
  std::uint64_t context_mb = 0;
  std::string extra_kind = {};
};

ReleaseVariant VariantOf(const Offer& offer) {
  ReleaseVariant variant;
  variant.name = offer.name;
  variant.hardware = offer.hw;
  variant.architectures = offer.arch;
  variant.cpu_features = offer.cpu;
  variant.quantisation = offer.quantisation;
  variant.min_ram_mb = offer.min_ram_mb;
  variant.context_bytes = offer.context_mb * kMiB;
  variant.files.push_back({kModelKind, Target(offer.name + ".gguf", offer.model_mb * kMiB)});
  if (offer.adapter_mb > 0) {
    variant.files.push_back({kAdapterKind, Target(offer.name + "-a", offer.adapter_mb * kMiB)});
  }
  if (!offer.extra_kind.empty()) {
    variant.files.push_back({offer.extra_kind, Target(offer.name + "-x", 1)});
  }
  return variant;
}

// An aarch64 rpi5 with dotprod and so much memory.
v1::DeviceFacts Device(std::uint64_t memory_mb) {
  v1::DeviceFacts facts;
  facts.set_arch("aarch64");
  facts.set_hardware("rpi5");
  facts.add_cpu_features("neon");
  facts.add_cpu_features("dotprod");
  facts.set_memory_bytes(memory_mb * kMiB);
  return facts;
}

struct Row {
  const char* name;
  std::uint64_t memory_mb;
  std::vector<Offer> offers;
  const char* chosen;  // empty: none
  const char* why;     // a part of the sentence
  v1::FailureReason reason = v1::FAILURE_REASON_UNSPECIFIED;
};

class PickVariantTable : public testing::TestWithParam<Row> {};

TEST_P(PickVariantTable, ChoosesAndSaysWhy) {
  const Row& row = GetParam();
  ReleaseDocument document;
  document.version = "2.0.0";
  for (const Offer& offer : row.offers) {
    document.variants.push_back(VariantOf(offer));
  }
  const auto choice = PickVariant(document, Device(row.memory_mb));
  const std::string text = choice.ok() ? choice->why : MessageOf(choice.status());
  EXPECT_EQ(choice.ok() ? choice->variant->name : "", row.chosen) << text;
  EXPECT_NE(text.find(row.why), std::string::npos) << text;
  EXPECT_EQ(ReasonNumber(choice.status()), row.reason) << text;
}

INSTANTIATE_TEST_SUITE_P(
    All, PickVariantTable,
    testing::Values(
        Row{"OnlyOne", 1024, {{"default"}}, "default", "default is the only variant"},
        // 672 + 168 + 64 = 904 MiB.
        Row{"MemoryOfTheRealSizes",
            512,
            {{"q8_0", 672}, {"q4_k_m", 300}},
            "q4_k_m",
            "q8_0 needs 904 MiB of memory and this device has 512 MiB: q4_k_m"},
        Row{"MemoryAtItsLimit", 904, {{"q8_0", 672}, {"q4_k_m", 300}}, "q8_0", "all fit"},
        Row{"MemoryOneMoreThanThereIs", 903, {{"q8_0", 672}, {"q4_k_m", 300}}, "q4_k_m", "904"},
        Row{"AdaptersCount",
            904,
            {{.name = "big", .model_mb = 672, .adapter_mb = 4}, {"small", 300}},
            "small",
            "big needs 909 MiB"},
        Row{"ContextCounts",
            904,
            {{.name = "big", .model_mb = 672, .context_mb = 1}, {"small", 300}},
            "small",
            "big needs 905 MiB"},
        Row{"ThePublisherMayAskForMore",
            511,
            {{.name = "big", .min_ram_mb = 512}, {"small", 50}},
            "small",
            "big needs 512 MiB of memory and this device has 511 MiB: small"},
        Row{"PrecisionBeforeSize",
            4096,
            {{"three_b_q4", 400, "q4_k_m"}, {"one_b_q8", 300, "q8_0"}},
            "one_b_q8",
            "one_b_q8 is the best"},
        Row{"SizeWherePrecisionIsNotSaid",
            4096,
            {{"small", 300, "q8_0"}, {"large", 400}},
            "large",
            "large is the best"},
        Row{"FirstOfEquals", 4096, {{"a", 300, "q8_0"}, {"b", 300, "q8_0"}}, "a", "a is the best"},
        Row{"MadeForTheHardware",
            4096,
            {{"general", 400, "q8_0"}, {"pi", 100, "q4_0", {"rpi5"}}},
            "pi",
            "pi is the best"},
        Row{"HardwareListNamesAnArchitectureToo",
            4096,
            {{"x", 400, "", {"jetson", "x86_64"}}, {"a", 100, "", {"jetson", "aarch64"}}},
            "a",
            "x is for jetson or x86_64 and this device is aarch64 rpi5: a"},
        Row{"ArchitectureIsAskedForBesideHardware",
            4096,
            {{"a", 400, "", {"rpi5"}, {"armv7l"}}, {"b", 100}},
            "b",
            "a is for armv7l"},
        Row{"UsesTheCpu",
            4096,
            {{"plain", 100, "q4_0"}, {"dot", 100, "q4_0", {}, {}, {"neon", "dotprod"}}},
            "dot",
            "dot is the best"},
        Row{"CpuWithoutTheFeature",
            4096,
            {{"sve", 400, "", {}, {}, {"neon", "sve"}}, {"plain", 100}},
            "plain",
            "sve needs a CPU with sve"},
        Row{"AFileOfALaterKind",
            4096,
            {{.name = "seeing", .model_mb = 400, .extra_kind = "projector"}, {"plain", 100}},
            "plain",
            "seeing has a file of kind projector, which this agent does not know"},
        Row{"NothingForThisHardware",
            4096,
            {{"x", 100, "", {"x86_64"}}},
            "",
            "x is for x86_64",
            v1::FAILURE_REASON_POLICY_HARDWARE},
        Row{"NothingForThisMemory",
            100,
            {{"x", 100, "", {"x86_64"}}, {"a", 100}, {"b", 80}},
            "",
            "a needs 189 MiB of memory, b needs 164 MiB of memory; this device has 100 MiB",
            v1::FAILURE_REASON_POLICY_RAM},
        Row{"NothingForThisAgent",
            4096,
            {{"x", 100, "", {"x86_64"}}, {.name = "seeing", .extra_kind = "projector"}},
            "",
            "kind projector",
            v1::FAILURE_REASON_POLICY_MIN_AGENT}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(PickVariant, PassesOverOptionalFilesOfLaterKinds) {
  ReleaseDocument document;
  document.variants.push_back(VariantOf({.name = "seeing", .extra_kind = "projector"}));
  document.variants.front().files.back().optional = true;
  EXPECT_TRUE(PickVariant(document, Device(4096)).ok());
}

TEST(PickVariant, TakesUnknownMemoryForEnoughUnlessThePublisherAsks) {
  ReleaseDocument document;
  document.variants.push_back(VariantOf({.name = "a"}));
  EXPECT_TRUE(PickVariant(document, Device(0)).ok());
  document.variants.front().min_ram_mb = 1;
  EXPECT_EQ(ReasonNumber(PickVariant(document, Device(0)).status()), v1::FAILURE_REASON_POLICY_RAM);
}

}  // namespace
}  // namespace flotilla::ota

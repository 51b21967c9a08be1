#include "ota/format/release_document.h"

#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/sha256.h"

namespace flotilla::ota {
namespace {

TargetRef Target(const std::string& path, std::uint64_t length) {
  return {path, security::Sha256(AsBytes(path)), length};
}

ReleaseVariant Variant(const std::string& name, std::uint64_t length, std::uint64_t ram_mb) {
  ReleaseVariant variant;
  variant.name = name;
  variant.min_ram_mb = ram_mb;
  variant.context_tokens = 2048;
  variant.files.push_back({"model", Target(name + ".gguf", length), Target(name + ".map", 60)});
  return variant;
}

ReleaseDocument Document() {
  ReleaseDocument document;
  document.line = ModelLine::Parse("pump").value();
  document.version = "2.0.0";
  document.release_counter = 3;
  document.engine = ">=0.5";
  document.min_agent = "0.1.0";
  document.notes = "two\nlines, \"quoted\"";
  document.golden = GoldenRef{Target("golden.jsonl", 100), 70};
  document.variants = {Variant("small", 100, 64), Variant("large", 900, 512)};
  return document;
}

v1::DeviceFacts Facts(std::uint64_t memory_mb) {
  v1::DeviceFacts facts;
  facts.set_arch("aarch64");
  facts.set_hardware("rpi5");
  facts.set_memory_bytes(memory_mb << 20U);
  return facts;
}

TEST(ReleaseDocument, ReadsBackWhatItWrote) {
  const StatusOr<Bytes> bytes = EncodeReleaseDocument(Document());
  ASSERT_TRUE(bytes.ok());
  const StatusOr<ReleaseDocument> again = ParseReleaseDocument(*bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(Document(), *again);
  EXPECT_EQ(*bytes, *EncodeReleaseDocument(*again));
}

TEST(ReleaseDocument, MayHaveNoGoldenPrompts) {
  ReleaseDocument document = Document();
  document.golden.reset();
  EXPECT_FALSE(ParseReleaseDocument(*EncodeReleaseDocument(document))->golden.has_value());
}

TEST(ReleaseDocument, RefusesToWriteWhatItWouldNotRead) {
  ReleaseDocument no_variant = Document();
  no_variant.variants.clear();
  ReleaseDocument twice = Document();
  twice.variants[1].name = "small";
  ReleaseDocument no_model = Document();
  no_model.variants[0].files[0].kind = "adapter";
  ReleaseDocument bad_version = Document();
  bad_version.version = "../2";
  ReleaseDocument long_notes = Document();
  long_notes.notes = std::string(1025, 'x');
  for (const auto& document : {no_variant, twice, no_model, bad_version, long_notes}) {
    EXPECT_EQ(StatusCode::kInvalidArgument, EncodeReleaseDocument(document).status().code());
  }
}

TEST(ReleaseDocument, RefusesAnotherSchemaWithItsReason) {
  std::string text = ToText(*EncodeReleaseDocument(Document()));
  const std::size_t at = text.find("\"schema\": 1");
  ASSERT_NE(std::string::npos, at);
  text[at + 10] = '2';
  EXPECT_EQ(v1::FAILURE_REASON_FORM_SCHEMA,
            ReasonNumber(ParseReleaseDocument(AsBytes(text)).status()));
}

TEST(PickVariant, TakesTheLargestThatFitsTheMemory) {
  const ReleaseDocument document = Document();
  EXPECT_EQ("large", (*PickVariant(document, Facts(512)))->name);
  EXPECT_EQ("small", (*PickVariant(document, Facts(511)))->name);
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_RAM, ReasonNumber(PickVariant(document, Facts(63)).status()));
}

TEST(PickVariant, LooksAtArchitectureAndHardwareClass) {
  ReleaseDocument document = Document();
  document.variants[1].hardware = {"jetson", "x86_64"};
  EXPECT_EQ("small", (*PickVariant(document, Facts(4096)))->name);
  document.variants[1].hardware = {"rpi5"};
  EXPECT_EQ("large", (*PickVariant(document, Facts(4096)))->name);
  document.variants[1].hardware = {"aarch64"};
  EXPECT_EQ("large", (*PickVariant(document, Facts(4096)))->name);
  document.variants[0].hardware = {"jetson"};
  document.variants[1].hardware = {"jetson"};
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_HARDWARE,
            ReasonNumber(PickVariant(document, Facts(4096)).status()));
}

TEST(CheckVersions, ComparesNumberByNumber) {
  const ReleaseDocument document = Document();
  EXPECT_TRUE(CheckVersions(document, "0.1.0", "0.5.0").ok());
  EXPECT_TRUE(CheckVersions(document, "0.10.0", "0.5").ok());
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_MIN_AGENT,
            ReasonNumber(CheckVersions(document, "0.0.9", "0.5.0")));
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_ENGINE,
            ReasonNumber(CheckVersions(document, "0.1.0", "0.4.9")));
}

}  // namespace
}  // namespace flotilla::ota

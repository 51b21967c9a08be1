#include "ota/format/release_document.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/format/requirements.h"
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
  document.fallback_answer = "Please ask a colleague.";
  document.max_age_seconds = 30 * 24 * 3600;
  document.variants = {Variant("small", 100, 64), Variant("large", 900, 512)};
  return document;
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

TEST(ReleaseDocument, MayNameNeitherAFallbackAnswerNorAMaxAge) {
  ReleaseDocument document = Document();
  document.fallback_answer.clear();
  document.max_age_seconds = 0;
  const std::string text = ToText(*EncodeReleaseDocument(document));
  EXPECT_EQ(text.find("fallback_answer"), std::string::npos);
  EXPECT_EQ(text.find("max_age"), std::string::npos);
  EXPECT_EQ(*ParseReleaseDocument(ToBytes(text)), document);
}

TEST(ReleaseDocument, HoldsTheFallbackAnswerAndTheMaxAgeToTheirLimits) {
  ReleaseDocument document = Document();
  document.fallback_answer = std::string(kMaxFallbackAnswerBytes, 'x');
  document.max_age_seconds = kMostMaxAgeSeconds;
  EXPECT_TRUE(EncodeReleaseDocument(document).ok());
  document.fallback_answer += 'x';
  EXPECT_FALSE(EncodeReleaseDocument(document).ok());
  document.fallback_answer.clear();
  document.max_age_seconds = kMostMaxAgeSeconds + 1;
  EXPECT_FALSE(EncodeReleaseDocument(document).ok());
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

ReleaseVariant WithSet() {
  ReleaseVariant variant = Variant("set", 900, 512);
  VariantFile adapter{kAdapterKind, Target("fr.gguf", 50), Target("fr.map", 60)};
  adapter.name = "fr";
  adapter.scale_milli = 0;
  variant.files.push_back(adapter);
  variant.files.push_back({kChatTemplateKind, Target("template", kMaxChatTemplateBytes)});
  VariantFile later{"projector", Target("projector", 10)};
  later.optional = true;
  variant.files.push_back(later);
  variant.architectures = {"aarch64"};
  variant.cpu_features = {"dotprod"};
  variant.quantisation = "q8_0";
  variant.context_bytes = 4096;
  return variant;
}

TEST(ReleaseDocument, KeepsEveryFileOfASet) {
  ReleaseDocument document = Document();
  document.variants.push_back(WithSet());
  document.required = RequirementsOf(document);
  EXPECT_EQ(document.required, (std::vector<std::string>{"adapter", "chat_template"}));
  const StatusOr<Bytes> bytes = EncodeReleaseDocument(document);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(*ParseReleaseDocument(*bytes), document);
}

TEST(ReleaseDocument, RefusesSetsThatAreNone) {
  const auto is_refused = [](const std::function<void(ReleaseVariant&)>& change) {
    ReleaseDocument document = Document();
    ReleaseVariant variant = WithSet();
    change(variant);
    document.variants.push_back(variant);
    return EncodeReleaseDocument(document).status().code() == StatusCode::kInvalidArgument;
  };
  EXPECT_FALSE(is_refused([](ReleaseVariant&) {}));
  EXPECT_TRUE(is_refused([](ReleaseVariant& set) { set.files[1].name.clear(); }));
  EXPECT_TRUE(is_refused([](ReleaseVariant& set) { set.files[1].scale_milli = 4001; }));
  EXPECT_TRUE(is_refused([](ReleaseVariant& set) { set.files[1].map = {}; }));
  EXPECT_TRUE(is_refused([](ReleaseVariant& set) { set.files[1].target = set.files[0].target; }));
  EXPECT_TRUE(is_refused([](ReleaseVariant& set) {
    set.files.push_back(set.files[1]);
    set.files.back().target = Target("de.gguf", 50);
  }));
  EXPECT_TRUE(is_refused([](ReleaseVariant& set) { ++set.files[2].target.length; }));
  EXPECT_TRUE(is_refused([](ReleaseVariant& set) {
    set.files.push_back({kChatTemplateKind, Target("second template", 10)});
  }));
}

TEST(CheckVersions, RefusesWhatThisAgentDoesNotKnow) {
  ReleaseDocument document = Document();
  document.required = {"adapter", "chat_template"};
  EXPECT_TRUE(CheckVersions(document, "0.1.0", "0.5.0").ok());
  document.required.push_back("projector");
  const Status status = CheckVersions(document, "0.1.0", "0.5.0");
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_MIN_AGENT, ReasonNumber(status));
  EXPECT_NE(MessageOf(status).find("'projector'"), std::string::npos);
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

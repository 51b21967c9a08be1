// What the parsers of the roles refuse, by reason.
#include "security/tuf/metadata.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/key_file.h"
#include "security/tuf/key.h"
#include "security/tuf/limits.h"
#include "security/tuf/repository.h"
#include "security/tuf/threshold.h"

namespace flotilla::tuf {
namespace {

const Time kExpires = ParseUtcText("2027-01-01T00:00:00Z").value();

std::string Text(const Draft& draft) {
  return ToText(draft.Encode().value());
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

int TargetsReason(const std::string& text) {
  const auto envelope = ParseEnvelope("targets", AsBytes(text), kMaxTargetsBytes);
  return ReasonNumber(envelope.ok() ? ParseTargets("targets", *envelope).status()
                                    : envelope.status());
}

std::string TargetsWith(const std::string& members) {
  return R"({"signatures":[],"signed":{"_type":"targets","spec_version":"1.0","version":1,)"
         R"("expires":"2027-01-01T00:00:00Z",)" +
         members + "}}";
}

TEST(Metadata, IsReadWithUnknownFields) {
  const auto envelope = ParseEnvelope(
      "targets", AsBytes(TargetsWith(R"("targets":{},"new":{"x":[1]})")), kMaxTargetsBytes);
  ASSERT_TRUE(envelope.ok());
  EXPECT_TRUE(ParseTargets("targets", *envelope).ok());
  EXPECT_NE(envelope->signed_bytes.find("\"new\":{\"x\":[1]}"), std::string::npos);
}

TEST(Metadata, NamesTheRoleInItsErrors) {
  const auto envelope =
      ParseEnvelope("models-a", AsBytes(TargetsWith(R"("targets":[])")), kMaxTargetsBytes);
  ASSERT_TRUE(envelope.ok());
  EXPECT_TRUE(MessageOf(ParseTargets("models-a", *envelope).status()).starts_with("models-a: "));
}

TEST(Metadata, RefusesAnotherTypeSpecificationVersionOrDate) {
  const std::string good = Text(Draft::New(RoleType::kTargets, kExpires));
  EXPECT_EQ(TargetsReason(good), 0);
  EXPECT_EQ(TargetsReason(Replaced(good, R"("targets",)", R"("snapshot",)")),
            v1::FAILURE_REASON_FORM_WRONG_TYPE);
  EXPECT_EQ(TargetsReason(Replaced(good, "1.0.34", "1.0")), 0);
  for (const char* spec : {"2.0.0", "1", "10.0", "1.", "1.x", "1..0", "1.0.", "1.0.0.0", ""}) {
    EXPECT_EQ(TargetsReason(Replaced(good, "1.0.34", spec)), v1::FAILURE_REASON_FORM_SPEC_VERSION)
        << spec;
  }
  for (const char* date : {"2027-01-01T00:00:00", "2027-01-01T00:00:00.5Z", "2027-1-1T00:00:00Z",
                           "2027-02-30T00:00:00Z", "2027-01-01T00:00:00+00:00"}) {
    EXPECT_EQ(TargetsReason(Replaced(good, "2027-01-01T00:00:00Z", date)),
              v1::FAILURE_REASON_FORM_SCHEMA)
        << date;
  }
  EXPECT_EQ(TargetsReason(Replaced(good, "\"version\": 1", "\"version\": 0")),
            v1::FAILURE_REASON_FORM_SCHEMA);
}

TEST(Metadata, RefusesTwoSignaturesUnderOneKeyId) {
  const std::string good = TargetsWith(R"("targets":{})");
  EXPECT_EQ(
      TargetsReason(Replaced(good, "[]", R"([{"keyid":"a","sig":""},{"keyid":"a","sig":"00"}])")),
      v1::FAILURE_REASON_FORM_DUPLICATE_SIGNATURE);
}

TEST(Metadata, Takes64SignaturesAndNoMore) {
  for (const std::size_t count : {kMaxSignatures, kMaxSignatures + 1}) {
    std::string signatures;
    for (std::size_t i = 0; i < count; ++i) {
      signatures +=
          std::string(i == 0 ? "" : ",") + R"({"keyid":")" + std::to_string(i) + R"(","sig":"zz"})";
    }
    EXPECT_EQ(TargetsReason(Replaced(TargetsWith(R"("targets":{})"), "[]", "[" + signatures + "]")),
              count == kMaxSignatures ? 0 : v1::FAILURE_REASON_FORM_SCHEMA);
  }
}

TEST(Metadata, RefusesBadTargets) {
  const std::string hash(64, 'a');
  const auto file = [&](const std::string& path, const std::string& length,
                        const std::string& hashes) {
    return TargetsWith("\"targets\":{\"" + path + "\":{\"length\":" + length +
                       ",\"hashes\":" + hashes + "}}");
  };
  const std::string sha256 = R"({"sha256":")" + hash + "\"}";
  EXPECT_EQ(TargetsReason(file("a", "1099511627776", sha256)), 0);
  EXPECT_EQ(TargetsReason(file("a", "1099511627777", sha256)), v1::FAILURE_REASON_FORM_SCHEMA);
  EXPECT_EQ(TargetsReason(file("a", "-1", sha256)), v1::FAILURE_REASON_FORM_SCHEMA);
  EXPECT_EQ(TargetsReason(file("a", "1", "{}")), v1::FAILURE_REASON_FORM_SCHEMA);
  EXPECT_EQ(TargetsReason(file("", "1", sha256)), v1::FAILURE_REASON_FORM_SCHEMA);
  EXPECT_EQ(TargetsReason(file(std::string(512, 'p'), "1", sha256)), 0);
  EXPECT_EQ(TargetsReason(file(std::string(513, 'p'), "1", sha256)),
            v1::FAILURE_REASON_FORM_SCHEMA);
}

TEST(Metadata, RefusesBadDelegations) {
  const auto reason = [](const std::string& role) {
    return TargetsReason(
        TargetsWith(R"("targets":{},"delegations":{"keys":{},"roles":[)" + role + "]}"));
  };
  const std::string good =
      R"({"name":"a","keyids":["k"],"threshold":1,"terminating":false,"paths":["*"]})";
  EXPECT_EQ(reason(good), 0);
  EXPECT_EQ(reason(good + "," + good), v1::FAILURE_REASON_FORM_SCHEMA);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"threshold\":1", "\"threshold\":0"},
           {"[\"k\"]", "[\"k\",\"k\"]"},
           {"\"a\"", "\"targets\""},
           {"\"paths\"", "\"no-paths\""},
           {"\"paths\"", "\"path_hash_prefixes\":[],\"paths\""},
           {"\"terminating\":false,", ""}}) {
    EXPECT_EQ(reason(Replaced(good, from, to)), v1::FAILURE_REASON_FORM_SCHEMA) << from << to;
  }
  for (const std::size_t count : {kMaxKeysPerRole, kMaxKeysPerRole + 1}) {
    std::string ids;
    for (std::size_t i = 0; i < count; ++i) {
      ids += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\"";
    }
    EXPECT_EQ(reason(Replaced(good, "\"k\"", ids)),
              count == kMaxKeysPerRole ? 0 : v1::FAILURE_REASON_FORM_SCHEMA);
  }
}

TEST(Keys, MustHaveTheIdOfTheirContent) {
  boost::json::object key = KeyObject(security::GenerateEd25519().value()->public_key());
  boost::json::object keys;
  keys[KeyIdOf(key).value()] = key;
  EXPECT_TRUE(ParseKeys(keys).ok());
  key["keyid_hash_algorithms"] = {"sha256"};
  keys = {{KeyIdOf(key).value(), key}};
  EXPECT_TRUE(ParseKeys(keys).ok());
  keys = {{std::string(64, 'a'), key}};
  EXPECT_EQ(ReasonNumber(ParseKeys(keys).status()), v1::FAILURE_REASON_FORM_KEYID_MISMATCH);
}

TEST(Keys, OfUnknownKindsStandThereAndNeverCount) {
  boost::json::object key = {
      {"keytype", "ml-dsa"}, {"scheme", "ml-dsa-65"}, {"keyval", {{"public", "00"}}}};
  const auto keys = ParseKeys({{KeyIdOf(key).value(), key}});
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_FALSE(keys->begin()->second.usable.has_value());
}

TEST(Threshold, OfZeroIsNeverMet) {
  EXPECT_EQ(ReasonNumber(VerifyThreshold("root", Envelope{}, {}, RoleKeys{})),
            v1::FAILURE_REASON_TRUST_THRESHOLD);
}

TEST(Threshold, IsMetBesideBadEmptyAndForeignSignatures) {
  const auto key = security::GenerateEd25519().value();
  const std::string id = KeyId(key->public_key());
  Envelope envelope;
  envelope.signed_bytes = "{}";
  envelope.signatures = {
      {"stranger", Bytes(64)}, {"empty", {}}, {id, key->Sign(AsBytes("{}")).value()}};
  KeyMap keys;
  keys[id].usable = key->public_key();
  EXPECT_TRUE(
      VerifyThreshold("root", envelope, keys, {.key_ids = {id, "empty"}, .threshold = 1}).ok());
  EXPECT_FALSE(VerifyThreshold("root", envelope, keys, {.key_ids = {id}, .threshold = 2}).ok());
  EXPECT_FALSE(
      VerifyThreshold("root", envelope, keys, {.key_ids = {"empty"}, .threshold = 1}).ok());
}

TEST(Hashes, AreAllCheckedAndOneMustBeKnown) {
  const auto reason = [](const std::string& hashes) {
    const auto envelope = ParseEnvelope(
        "targets", AsBytes(TargetsWith(R"("targets":{"a":{"length":3,"hashes":)" + hashes + "}}")),
        kMaxTargetsBytes);
    const auto targets = ParseTargets("targets", *envelope);
    return ReasonNumber(CheckHashes(targets->targets.at("a").hashes, AsBytes("abc")));
  };
  const std::string good =
      R"("sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")";
  EXPECT_EQ(reason("{" + good + "}"), 0);
  EXPECT_EQ(reason("{" + good + R"(,"blake3":"00"})"), 0);
  EXPECT_EQ(reason(R"({"blake3":"00"})"), v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  EXPECT_EQ(reason("{" + good + R"(,"sha512":"00"})"), v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  EXPECT_EQ(reason(R"({"sha256":"badbeef"})"), v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
}

}  // namespace
}  // namespace flotilla::tuf

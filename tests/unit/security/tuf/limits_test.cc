// Every limit of security/tuf/limits.h, at the limit and one beyond.
#include "security/tuf/limits.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/sha256.h"
#include "security/tuf/json.h"
#include "security/tuf/key.h"
#include "security/tuf/target_path.h"
#include "tests/unit/security/tuf/client_fixture.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

// 0 for a good status.
int JsonReason(const std::string& text) {
  return ReasonNumber(ParseJson(AsBytes(text), 1U << 24U).status());
}

class Limits : public ClientFixture {
 protected:
  // White space behind a file says nothing, but counts.
  static void GrowTo(Bytes& file, std::uint64_t bytes) {
    ASSERT_LE(file.size(), bytes);
    file.resize(bytes, ' ');
  }
  // The role at its limit and one byte more, the rest of the repository fitting it.
  void CheckFile(const std::string& role, const std::string& name, std::uint64_t limit) {
    GrowTo(repository_.files()[name], limit);
    EXPECT_TRUE(Refresh().ok()) << role;
    std::filesystem::remove_all(dir_.path() / "tuf");
    GrowTo(repository_.files()[name], limit + 1);
    EXPECT_EQ(v1::FAILURE_REASON_FETCH_TOO_LARGE, RefreshReason()) << role;
  }
  // Metadata of a role whose signed part a test changes; unsigned.
  StatusOr<Envelope> Changed(const std::string& role,
                             const std::function<void(json::object&)>& change) {
    json::object part = repository_.Edit(role).signed_part();
    change(part);
    json::object file;
    file["signatures"] = json::array();
    file["signed"] = std::move(part);
    return ParseEnvelope(role, AsBytes(EncodeLegible(file).value()), kMaxTargetsBytes);
  }
};

TEST_F(Limits, OfTheFactoryRootFile) {
  Bytes root = repository_.factory_root();
  GrowTo(root, kMaxRootBytes);
  EXPECT_TRUE(TufClient::Open({.state_dir = dir_.path() / "a"}, root, fs_, repository_).ok());
  GrowTo(root, kMaxRootBytes + 1);
  EXPECT_EQ(
      v1::FAILURE_REASON_FETCH_TOO_LARGE,
      ReasonNumber(
          TufClient::Open({.state_dir = dir_.path() / "b"}, root, fs_, repository_).status()));
}

TEST_F(Limits, OfARootFile) {
  repository_.Put("root", repository_.Edit("root"), {"root"});
  CheckFile("root", "2.root.json", kMaxRootBytes);
}

TEST_F(Limits, OfTheTimestampFile) {
  CheckFile("timestamp", "timestamp.json", kMaxTimestampBytes);
}

TEST_F(Limits, OfTheSnapshotFile) {
  // A timestamp that gives no length, so that the cap is all there is.
  std::string text = ToText(repository_.files()["timestamp.json"]);
  Draft timestamp = repository_.Edit("timestamp");
  json::object part = timestamp.signed_part();
  part["meta"].as_object()["snapshot.json"] = {{"version", 1}};
  json::object file;
  file["signatures"] = json::array();
  file["signed"] = part;
  PutTimestamp(Draft::Load(AsBytes(EncodeLegible(file).value())).value());
  CheckFile("snapshot", "1.snapshot.json", kMaxSnapshotBytes);
}

TEST_F(Limits, OfTheTargetsFile) {
  CheckFile("targets", "1.targets.json", kMaxTargetsBytes);
}

TEST_F(Limits, OfADelegatedFile) {
  repository_.Delegate(
      {.name = "models-a", .keys = {repository_.Key("models-a").public_key()}, .paths = {"a/*"}},
      kNow + kDay);
  repository_.PublishOnline(kNow);
  for (const std::uint64_t over : {0U, 1U}) {
    GrowTo(repository_.files()["1.models-a.json"], kMaxTargetsBytes + over);
    std::filesystem::remove_all(dir_.path() / "tuf");
    const auto client = Open();
    ASSERT_TRUE(client->Refresh(kNow).ok());
    EXPECT_EQ(
        over == 0 ? v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND : v1::FAILURE_REASON_FETCH_TOO_LARGE,
        ReasonNumber(client->FindTarget("a/x", kNow).status()));
  }
}

TEST_F(Limits, OfRootsInOneRefresh) {
  for (int i = 0; i < kMaxRootsPerRefresh; ++i) {
    repository_.Put("root", repository_.Edit("root"), {"root"});
  }
  EXPECT_TRUE(Refresh().ok());
  std::filesystem::remove_all(dir_.path() / "tuf");
  repository_.Put("root", repository_.Edit("root"), {"root"});
  const Status status = Refresh();
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG, ReasonNumber(status));
  EXPECT_EQ(StatusCode::kUnavailable, status.code());
  EXPECT_EQ(kMaxRootsPerRefresh + 1, Open()->versions().root);  // what was walked is kept
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(Limits, OfKeysOfARole) {
  for (const std::size_t keys : {kMaxKeysPerRole, kMaxKeysPerRole + 1}) {
    const auto envelope = Changed("root", [&](json::object& root) {
      json::array ids;
      for (std::size_t i = 0; i < keys; ++i) {
        ids.emplace_back(security::Sha256(AsBytes(std::to_string(i))).ToHex());
      }
      root["roles"].as_object()["targets"].as_object()["keyids"] = std::move(ids);
    });
    EXPECT_EQ(keys == kMaxKeysPerRole ? 0 : v1::FAILURE_REASON_FORM_SCHEMA,
              ReasonNumber(ParseRoot(*envelope).status()));
  }
}

TEST_F(Limits, OfSignatures) {
  for (const std::size_t count : {kMaxSignatures, kMaxSignatures + 1}) {
    json::array signatures;
    for (std::size_t i = 0; i < count; ++i) {
      signatures.push_back(
          {{"keyid", security::Sha256(AsBytes(std::to_string(i))).ToHex()}, {"sig", ""}});
    }
    json::object file;
    file["signatures"] = std::move(signatures);
    file["signed"] = json::object();
    const std::string text = EncodeLegible(file).value();
    EXPECT_EQ(count == kMaxSignatures ? 0 : v1::FAILURE_REASON_FORM_SCHEMA,
              ReasonNumber(ParseEnvelope("root", AsBytes(text), kMaxRootBytes).status()));
  }
}

TEST(JsonLimits, OfDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(0, JsonReason(nested(kMaxJsonDepth)));
  EXPECT_EQ(v1::FAILURE_REASON_FORM_JSON_DEPTH, JsonReason(nested(kMaxJsonDepth + 1)));
  EXPECT_EQ(v1::FAILURE_REASON_FORM_JSON_DEPTH, JsonReason(std::string(1'000'000, '[')));
}

TEST(JsonLimits, OfStringsAndKeys) {
  const auto quoted = [](std::size_t size) { return '"' + std::string(size, 'a') + '"'; };
  EXPECT_EQ(0, JsonReason(quoted(kMaxStringBytes)));
  EXPECT_EQ(v1::FAILURE_REASON_FORM_SCHEMA, JsonReason(quoted(kMaxStringBytes + 1)));
  EXPECT_EQ(0, JsonReason("{" + quoted(kMaxStringBytes) + ":1}"));
  EXPECT_EQ(v1::FAILURE_REASON_FORM_SCHEMA, JsonReason("{" + quoted(kMaxStringBytes + 1) + ":1}"));
}

TEST(JsonLimits, OfIntegers) {
  EXPECT_EQ(0, JsonReason("9223372036854775807"));
  EXPECT_EQ(v1::FAILURE_REASON_FORM_JSON_NUMBER, JsonReason("9223372036854775808"));
  EXPECT_EQ(0, JsonReason("-9223372036854775808"));
  EXPECT_EQ(v1::FAILURE_REASON_FORM_JSON_NUMBER, JsonReason("-9223372036854775809"));
  EXPECT_EQ(v1::FAILURE_REASON_FORM_JSON_NUMBER, JsonReason("99999999999999999999999999"));
}

TEST_F(Limits, OfATargetPath) {
  EXPECT_TRUE(CheckTargetPath(std::string(kMaxPathBytes, 'p')).ok());
  EXPECT_EQ(v1::FAILURE_REASON_FORM_BAD_PATH,
            ReasonNumber(CheckTargetPath(std::string(kMaxPathBytes + 1, 'p'))));
  for (const std::size_t bytes : {kMaxPathBytes, kMaxPathBytes + 1}) {
    const auto envelope = Changed("targets", [&](json::object& targets) {
      targets["targets"].as_object()[std::string(bytes, 'p')] = {
          {"length", 1}, {"hashes", {{"sha256", Digest().ToHex()}}}};
    });
    EXPECT_EQ(bytes == kMaxPathBytes ? 0 : v1::FAILURE_REASON_FORM_SCHEMA,
              ReasonNumber(ParseTargets("targets", *envelope).status()));
  }
}

TEST_F(Limits, OfARoleName) {
  EXPECT_TRUE(CheckDelegatedName(std::string(kMaxRoleNameBytes, 'r')).ok());
  EXPECT_FALSE(CheckDelegatedName(std::string(kMaxRoleNameBytes + 1, 'r')).ok());
  // Counted as it is written in URLs and file names.
  EXPECT_TRUE(CheckDelegatedName(std::string(kMaxRoleNameBytes / 3, '/')).ok());
  EXPECT_FALSE(CheckDelegatedName(std::string(kMaxRoleNameBytes / 3 + 1, '/')).ok());
}

TEST_F(Limits, OfATargetsLength) {
  for (const std::uint64_t length : {kMaxTargetBytes, kMaxTargetBytes + 1}) {
    const auto envelope = Changed("targets", [&](json::object& targets) {
      targets["targets"].as_object()["t"] = {{"length", static_cast<std::int64_t>(length)},
                                             {"hashes", {{"sha256", Digest().ToHex()}}}};
    });
    EXPECT_EQ(length == kMaxTargetBytes ? 0 : v1::FAILURE_REASON_FORM_SCHEMA,
              ReasonNumber(ParseTargets("targets", *envelope).status()));
  }
}

TEST_F(Limits, OfBinsOfSuccinctRoles) {
  for (const int bits : {0, 1, 32, 33}) {
    const auto envelope = Changed("targets", [&](json::object& targets) {
      json::object succinct = {{"bit_length", bits}, {"name_prefix", "bin"}, {"threshold", 1}};
      succinct["keyids"] = json::array();
      targets["delegations"] = {{"keys", json::object()}, {"succinct_roles", succinct}};
    });
    EXPECT_EQ(bits >= 1 && bits <= 32 ? 0 : v1::FAILURE_REASON_FORM_SCHEMA,
              ReasonNumber(ParseTargets("targets", *envelope).status()))
        << bits;
  }
}

}  // namespace
}  // namespace flotilla::tuf

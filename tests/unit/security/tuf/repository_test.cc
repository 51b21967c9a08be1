// The writer's side, and that what it writes is what a fresh client accepts.
#include "security/tuf/repository.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/sha256.h"
#include "security/tuf/key.h"
#include "security/tuf/online_roles.h"
#include "security/tuf/target_verifier.h"
#include "tests/support/memory_repository.h"

namespace flotilla::tuf {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const Time kNow = ParseUtcText("2026-03-01T12:00:00Z").value();
constexpr absl::Duration kDay = absl::Hours(24);

TEST(Draft, KeepsUnknownFieldsAndDropsSignaturesOnAnEdit) {
  MemoryRepository repository(kNow);
  std::string text = ToText(repository.files()["1.targets.json"]);
  text.insert(text.find("\"spec_version\""), "\"x-note\": {\"a\": 1},");
  Draft draft = Draft::Load(AsBytes(text)).value();
  EXPECT_THAT(draft.signed_by(), SizeIs(1));
  draft.SetVersion(2);
  EXPECT_THAT(draft.signed_by(), SizeIs(0));
  EXPECT_NE(ToText(draft.Encode().value()).find("x-note"), std::string::npos);
}

TEST(Draft, MergesSignaturesOfTheSameContentOnly) {
  const auto a = security::GenerateEd25519().value();
  const auto b = security::GenerateEd25519().value();
  Draft first = Draft::New(RoleType::kTargets, kNow);
  Draft second = first;
  ASSERT_TRUE(first.Sign(*a).ok());
  ASSERT_TRUE(second.Sign(*b).ok());
  ASSERT_TRUE(first.MergeSignatures(second).ok());
  EXPECT_THAT(first.signed_by(), ElementsAre(KeyId(a->public_key()), KeyId(b->public_key())));
  ASSERT_TRUE(first.Sign(*a).ok());
  EXPECT_THAT(first.signed_by(), SizeIs(2));
  second.SetVersion(9);
  EXPECT_EQ(first.MergeSignatures(second).code(), StatusCode::kInvalidArgument);
}

TEST(Draft, AddsAndDropsKeysOfARootRole) {
  Draft root = Draft::New(RoleType::kRoot, kNow);
  const auto a = security::GenerateEd25519().value();
  const std::string id = KeyId(a->public_key());
  ASSERT_TRUE(root.AddKey("root", a->public_key()).ok());
  ASSERT_TRUE(root.AddKey("targets", a->public_key()).ok());
  ASSERT_TRUE(root.DropKey("root", id).ok());
  EXPECT_TRUE(root.signed_part().at("keys").as_object().contains(id));
  ASSERT_TRUE(root.DropKey("targets", id).ok());
  EXPECT_FALSE(root.signed_part().at("keys").as_object().contains(id));
  EXPECT_EQ(root.DropKey("root", id).code(), StatusCode::kNotFound);
  EXPECT_EQ(root.AddKey("models", a->public_key()).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(root.SetThreshold("root", 0).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(root.SetThreshold("root", 33).code(), StatusCode::kInvalidArgument);
}

TEST(Draft, NeverLowersAFloor) {
  Draft role = Draft::New(RoleType::kTargets, kNow);
  ASSERT_TRUE(role.RaiseFloor(5).ok());
  EXPECT_EQ(role.RaiseFloor(4).code(), StatusCode::kFailedPrecondition);
}

TEST(Draft, RefusesDelegationsThatCanNeverBeMet) {
  Draft targets = Draft::New(RoleType::kTargets, kNow);
  const auto key = security::GenerateEd25519().value();
  EXPECT_FALSE(targets.SetDelegation({.name = "m", .keys = {}, .paths = {"m/*"}}).ok());
  EXPECT_FALSE(targets
                   .SetDelegation(
                       {.name = "m", .keys = {key->public_key()}, .threshold = 2, .paths = {"m/*"}})
                   .ok());
  EXPECT_FALSE(
      targets.SetDelegation({.name = "root", .keys = {key->public_key()}, .paths = {"m"}}).ok());
  EXPECT_FALSE(targets.SetDelegation({.name = "m", .keys = {key->public_key()}, .paths = {}}).ok());
}

TEST(Draft, EditsOnlyWhatItsRoleHas) {
  Draft root = Draft::New(RoleType::kRoot, kNow);
  EXPECT_FALSE(root.AddTarget("a", 1, Digest(), {}).ok());
  EXPECT_FALSE(root.SetRoleVersion("targets", 1).ok());
  Draft targets = Draft::New(RoleType::kTargets, kNow);
  EXPECT_EQ(ReasonNumber(targets.AddTarget("../a", 1, Digest(), {})),
            v1::FAILURE_REASON_FORM_BAD_PATH);
  EXPECT_EQ(targets.RemoveTarget("a").code(), StatusCode::kNotFound);
}

TEST(OnlineRoles, MakeWhatAFreshClientAccepts) {
  MemoryRepository repository(kNow);
  repository.Delegate({.name = "models-a",
                       .keys = {repository.Key("models-a").public_key()},
                       .paths = {"models-a/*"}},
                      kNow + kDay);
  Draft role = repository.Edit("models-a");
  ASSERT_TRUE(role.AddTarget("models-a/x", 1, security::Sha256(AsBytes("x")), {}).ok());
  ASSERT_TRUE(role.RaiseFloor(3).ok());
  repository.Put("models-a", role, {"models-a"});
  repository.PublishOnline(kNow);
  const auto view = FreshClientAccepts(repository.files(), kNow);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->versions.targets, 2);
  EXPECT_EQ(view->versions.snapshot, 2);
  ASSERT_THAT(view->targets, SizeIs(1));
  EXPECT_EQ(view->policies.at("models-a").floor, 3);
}

TEST(OnlineRoles, RefreshOnlyTheTimestampOverTheSameSnapshot) {
  MemoryRepository repository(kNow);
  const OnlineRoles online(repository.Key("snapshot"), repository.Key("timestamp"), {});
  const auto made = online.RefreshTimestamp(repository.files(), kNow + 2 * kDay);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->snapshot_version, 1);
  EXPECT_EQ(made->timestamp_version, 2);
  repository.files()["timestamp.json"] = made->timestamp;
  EXPECT_TRUE(FreshClientAccepts(repository.files(), kNow + 4 * kDay).ok());
}

TEST(FreshClient, RefusesAnUnsignedOrForeignRole) {
  MemoryRepository repository(kNow);
  repository.Delegate({.name = "models-a",
                       .keys = {repository.Key("models-a").public_key()},
                       .paths = {"models-a/*"}},
                      kNow + kDay);
  repository.Put("models-a", repository.Edit("models-a"), {"stranger"});
  repository.PublishOnline(kNow);
  EXPECT_EQ(ReasonNumber(FreshClientAccepts(repository.files(), kNow).status()),
            v1::FAILURE_REASON_TRUST_THRESHOLD);
}

TEST(MetadataName, GoesBothWays) {
  EXPECT_EQ(ParseMetadataName("7.models-x.json")->role, "models-x");
  EXPECT_EQ(ParseMetadataName("7.models-x.json")->version, 7);
  EXPECT_EQ(ParseMetadataName("timestamp.json")->version, 0);
  EXPECT_EQ(ParseMetadataName("1...%2Fa.json")->role, "../a");
  for (const char* name : {"", ".json", "1.json.tmp", "01.a.json", "1.a/b.json", "-1.a.json%"}) {
    EXPECT_FALSE(ParseMetadataName(name).ok()) << name;
  }
}

TEST(TargetVerifier, TakesExactlyTheBytesThatWereSigned) {
  TargetInfo info;
  info.path = "m";
  info.length = 3;
  info.sha256 = security::Sha256(AsBytes("abc"));
  TargetVerifier good(info);
  EXPECT_TRUE(good.Update(AsBytes("ab")).ok());
  EXPECT_TRUE(good.Update(AsBytes("c")).ok());
  EXPECT_TRUE(good.Finish().ok());
  TargetVerifier longer(info);
  EXPECT_EQ(ReasonNumber(longer.Update(AsBytes("abcd"))), v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  TargetVerifier shorter(info);
  EXPECT_TRUE(shorter.Update(AsBytes("ab")).ok());
  EXPECT_EQ(ReasonNumber(shorter.Finish()), v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  TargetVerifier wrong(info);
  EXPECT_TRUE(wrong.Update(AsBytes("abx")).ok());
  EXPECT_EQ(ReasonNumber(wrong.Finish()), v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  info.sha256 = Digest();
  TargetVerifier unhashed(info);
  EXPECT_TRUE(unhashed.Update(AsBytes("abc")).ok());
  EXPECT_EQ(ReasonNumber(unhashed.Finish()), v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
}

TEST(TargetVerifier, CountsPastFourGigabytes) {
  // A payload signed only in its first bytes by an overflowing length is a defect others shipped.
  TargetInfo info;
  info.path = "m";
  info.length = (std::uint64_t{1} << 32U) + 1;
  info.sha256 = security::Sha256(AsBytes("x"));
  TargetVerifier verifier(info);
  EXPECT_TRUE(verifier.Update(AsBytes("x")).ok());
  EXPECT_EQ(ReasonNumber(verifier.Finish()), v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
}

}  // namespace
}  // namespace flotilla::tuf

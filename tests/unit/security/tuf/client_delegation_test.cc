// Delegated roles: order, terminating, edges, limits, names.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/sha256.h"
#include "security/tuf/limits.h"
#include "tests/unit/security/tuf/client_fixture.h"

namespace flotilla::tuf {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

class Delegated : public ClientFixture {
 protected:
  DelegationSpec Spec(const std::string& name, const std::string& path, bool terminating) {
    return {.name = name,
            .keys = {repository_.Key(name).public_key()},
            .threshold = 1,
            .paths = {path},
            .terminating = terminating};
  }
  // `parent` delegates to `child`, whose metadata (new or edited) lists `targets`.
  void Delegate(const std::string& parent, const DelegationSpec& spec,
                const std::vector<std::string>& targets = {}) {
    Draft draft = repository_.Edit(parent);
    ASSERT_TRUE(draft.SetDelegation(spec).ok());
    repository_.Put(parent, draft, {parent});
    Draft child = Draft::New(RoleType::kTargets, kNow + 10 * kDay);
    for (const std::string& path : targets) {
      ASSERT_TRUE(child.AddTarget(path, 3, security::Sha256(AsBytes(spec.name)), {}).ok());
    }
    repository_.Put(spec.name, child, {spec.name});
  }
  StatusOr<TargetInfo> Find(const std::string& path) {
    repository_.PublishOnline(kNow);
    client_.reset();  // one client a folder
    client_ = Open();
    FLOTILLA_RETURN_IF_ERROR(client_->Refresh(kNow));
    repository_.requests().clear();
    return client_->FindTarget(path, kNow);
  }

  std::unique_ptr<TufClient> client_;
};

TEST_F(Delegated, SearchesInPreOrderOfAppearance) {
  Delegate("targets", Spec("b", "*/*", false));
  Delegate("targets", Spec("a", "*/*", false), {"m/x"});
  Delegate("b", Spec("c", "m/*", false));
  const auto info = Find("m/x");
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->role, "a");
  EXPECT_THAT(repository_.requests(), ElementsAre("2.b.json", "1.c.json", "1.a.json"));
}

TEST_F(Delegated, StopsAtATerminatingRole) {
  Delegate("targets", Spec("first", "m/*", true));
  Delegate("targets", Spec("second", "m/*", false), {"m/x"});
  EXPECT_EQ(ReasonNumber(Find("m/x").status()), v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
  EXPECT_THAT(repository_.requests(), ElementsAre("1.first.json"));
}

TEST_F(Delegated, DoesNotAskARoleOutsideItsPaths) {
  Delegate("targets", Spec("models-a", "models-a/*", true), {"models-a/x", "models-b/x"});
  ASSERT_TRUE(Find("models-a/x").ok());
  EXPECT_EQ(ReasonNumber(Find("models-b/x").status()), v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
  EXPECT_THAT(repository_.requests(), ElementsAre());
}

TEST_F(Delegated, RefusesARoleSignedByAnotherKey) {
  Delegate("targets", Spec("models-a", "a/*", true), {"a/x"});
  Draft role = Draft::Load(repository_.files()["1.models-a.json"]).value();
  role.SetVersion(1);
  repository_.Put("models-a", role, {"targets"});
  EXPECT_EQ(ReasonNumber(Find("a/x").status()), v1::FAILURE_REASON_TRUST_THRESHOLD);
  EXPECT_FALSE(Has("models-a.json"));
}

TEST_F(Delegated, VerifiesACachedRoleAgainForEachDelegator) {
  // "shared" is delegated by one role with its real key and by another with a key that never
  // signed: what the first loaded must not satisfy the second.
  Delegate("targets", Spec("good", "a/*", false));
  Delegate("targets", Spec("bad", "b/*", false));
  Delegate("good", Spec("shared", "*/*", false), {"a/x", "b/x"});
  Draft bad = repository_.Edit("bad");
  DelegationSpec spec = Spec("shared", "*/*", false);
  spec.keys = {repository_.Key("never-signed").public_key()};
  ASSERT_TRUE(bad.SetDelegation(spec).ok());
  repository_.Put("bad", bad, {"bad"});
  ASSERT_TRUE(Find("a/x").ok());
  EXPECT_EQ(ReasonNumber(client_->FindTarget("b/x", kNow).status()),
            v1::FAILURE_REASON_TRUST_THRESHOLD);
}

TEST_F(Delegated, RefusesARoleThatSnapshotDoesNotList) {
  Draft targets = repository_.Edit("targets");
  ASSERT_TRUE(targets.SetDelegation(Spec("unlisted", "a/*", true)).ok());
  repository_.Put("targets", targets, {"targets"});
  EXPECT_EQ(ReasonNumber(Find("a/x").status()), v1::FAILURE_REASON_TRUST_NOT_IN_SNAPSHOT);
  EXPECT_THAT(repository_.requests(), ElementsAre());
}

TEST_F(Delegated, SurvivesACycle) {
  Delegate("targets", Spec("a", "*/*", false));
  Delegate("a", Spec("b", "*/*", false));
  Draft b = repository_.Edit("b");
  ASSERT_TRUE(b.SetDelegation(Spec("a", "*/*", false)).ok());
  repository_.Put("b", b, {"b"});
  EXPECT_EQ(ReasonNumber(Find("m/x").status()), v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
}

TEST_F(Delegated, VisitsAtMost32RolesInOneSearch) {
  for (std::size_t i = 0; i < kMaxDelegatedRolesPerLookup; ++i) {
    Delegate("targets", Spec("r" + std::to_string(i), "*/*", false));
  }
  EXPECT_EQ(ReasonNumber(Find("m/x").status()), v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
  Delegate("targets", Spec("one-more", "*/*", false), {"m/x"});
  EXPECT_EQ(ReasonNumber(Find("m/x").status()), v1::FAILURE_REASON_TRUST_DELEGATION_LIMIT);
}

TEST_F(Delegated, QuotesUnusualRoleNamesInUrlsAndFiles) {
  for (const char* name : {"?", "#", "/delegatedrole", "../delegatedrole"}) {
    const std::string path = "p" + security::Sha256(AsBytes(name)).ToHex().substr(0, 4) + "/x";
    Delegate("targets", Spec(name, path, false), {path});
    const auto info = Find(path);
    ASSERT_TRUE(info.ok()) << name << info.status();
    EXPECT_EQ(info->role, name);
  }
  EXPECT_TRUE(Has("..%2Fdelegatedrole.json"));
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "delegatedrole.json"));
}

TEST_F(Delegated, RefusesAnExpiredRoleByName) {
  Delegate("targets", Spec("models-a", "a/*", true), {"a/x"});
  Draft role = repository_.Edit("models-a");
  role.SetExpires(kNow);
  repository_.Put("models-a", role, {"models-a"});
  const Status status = Find("a/x").status();
  EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_TRUST_EXPIRED_TARGETS);
  EXPECT_THAT(MessageOf(status), testing::StartsWith("models-a: expired"));
}

TEST_F(Delegated, TellsFloorAndBlocklistOfARoleThatWasLoaded) {
  Delegate("targets", Spec("models-a", "a/*", true), {"a/x"});
  Draft role = repository_.Edit("models-a");
  const Digest blocked = security::Sha256(AsBytes("bad model"));
  ASSERT_TRUE(role.RaiseFloor(7).ok());
  ASSERT_TRUE(role.Block(blocked).ok());
  repository_.Put("models-a", role, {"models-a"});
  ASSERT_TRUE(Find("a/x").ok());
  const auto policy = client_->PolicyOf("models-a");
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->floor, 7);
  EXPECT_TRUE(policy->Blocks(blocked));
  EXPECT_FALSE(policy->Blocks(Digest()));
  EXPECT_EQ(client_->PolicyOf("models-b").status().code(), StatusCode::kNotFound);
}

TEST_F(Delegated, ListsWhatASearchWouldFind) {
  Delegate("targets", Spec("models-a", "a/*", true), {"a/x", "b/not-covered"});
  repository_.PublishOnline(kNow);
  const auto client = Open();
  ASSERT_TRUE(client->Refresh(kNow).ok());
  const auto targets = client->ListTargets(kNow);
  ASSERT_TRUE(targets.ok()) << targets.status();
  ASSERT_EQ(targets->size(), 1U);
  EXPECT_EQ(targets->front().path, "a/x");
  EXPECT_THAT(client->LoadedRoles(), ElementsAre("models-a", "targets"));
}

}  // namespace
}  // namespace flotilla::tuf

#include "security/tuf/delegation.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/sha256.h"
#include "security/tuf/target_path.h"

namespace flotilla::tuf {
namespace {

using ::testing::ElementsAre;

TEST(Glob, MatchesWithinOneSegmentOnly) {
  EXPECT_TRUE(GlobMatches("a/*", "a/b"));
  EXPECT_TRUE(GlobMatches("*/*", "a/b"));
  EXPECT_TRUE(GlobMatches("a/*.tgz", "a/.tgz"));
  EXPECT_TRUE(GlobMatches("a/f?o*", "a/fooo"));
  EXPECT_TRUE(GlobMatches("foo-version-?.tgz", "foo-version-2.tgz"));
  EXPECT_FALSE(GlobMatches("a/*", "a/b/c"));
  EXPECT_FALSE(GlobMatches("*", "a/b"));
  EXPECT_FALSE(GlobMatches("a?b", "a/b"));
  EXPECT_FALSE(GlobMatches("a/*/c", "a/c"));
  EXPECT_FALSE(GlobMatches("A/*", "a/b"));
  EXPECT_FALSE(GlobMatches("a/b", "a/b/"));
  EXPECT_FALSE(GlobMatches("a/", "a"));
  EXPECT_FALSE(GlobMatches("a/?", "a/"));
}

TEST(Glob, TakesBracketsLiterally) {
  EXPECT_TRUE(GlobMatches("[a]", "[a]"));
  EXPECT_FALSE(GlobMatches("[a]", "a"));
}

TEST(Glob, StaysFastOnHostilePatterns) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) {
    pattern += "*a";
  }
  EXPECT_FALSE(GlobMatches(pattern + "b", std::string(5'000, 'a')));
}

DelegatedRole Role(const std::string& name, const std::string& path, bool terminating) {
  DelegatedRole role;
  role.name = name;
  role.paths = {path};
  role.terminating = terminating;
  return role;
}

TEST(Delegations, ChooseInOrderUpToTheFirstTerminatingRole) {
  Delegations delegations;
  delegations.roles = {Role("z", "m/*", false), Role("y", "n/*", true), Role("x", "m/*", true),
                       Role("w", "m/*", false)};
  const DelegationChoice choice = RolesFor(delegations, "m/1");
  EXPECT_THAT(choice.roles, ElementsAre("z", "x"));
  EXPECT_EQ(choice.goes_on, SearchGoesOn::kNo);
  EXPECT_EQ(RolesFor(delegations, "q").goes_on, SearchGoesOn::kYes);
}

TEST(Delegations, CoverPathsByHashPrefix) {
  const std::string hash = security::Sha256(AsBytes("m/1")).ToHex();
  DelegatedRole role;
  role.path_hash_prefixes = {"zz", hash.substr(0, 3)};
  EXPECT_TRUE(Covers(role, "m/1"));
  role.path_hash_prefixes = {hash + "0"};
  EXPECT_FALSE(Covers(role, "m/1"));
  role.path_hash_prefixes = std::vector<std::string>();
  EXPECT_FALSE(Covers(role, "m/1"));
}

TEST(Delegations, ChooseTheSuccinctRoleByTheFirstBitsOfTheHash) {
  Delegations delegations;
  delegations.succinct.emplace();
  delegations.succinct->bit_length = 8;
  delegations.succinct->name_prefix = "bin";
  const std::string expected = "bin-" + security::Sha256(AsBytes("m/1")).ToHex().substr(0, 2);
  EXPECT_THAT(RolesFor(delegations, "m/1").roles, ElementsAre(expected));
  EXPECT_NE(KeysOf(delegations, expected), nullptr);
  EXPECT_EQ(KeysOf(delegations, "bin-100"), nullptr);
  EXPECT_EQ(KeysOf(delegations, "bin-0G"), nullptr);
  delegations.succinct->bit_length = 5;
  EXPECT_NE(KeysOf(delegations, "bin-1f"), nullptr);
  EXPECT_EQ(KeysOf(delegations, "bin-20"), nullptr);
}

TEST(TargetPath, RefusesWhatCouldLeaveItsFolder) {
  for (const char* path : {"", "/a", "a//b", "a/./b", "a/../b", "..", "a/", "a\nb"}) {
    EXPECT_FALSE(CheckTargetPath(path).ok()) << path;
  }
  EXPECT_TRUE(CheckTargetPath("a/..b/c").ok());
  EXPECT_TRUE(CheckTargetPath(std::string(512, 'a')).ok());
  EXPECT_FALSE(CheckTargetPath(std::string(513, 'a')).ok());
  EXPECT_FALSE(CheckWrittenTargetPath("a b").ok());
}

TEST(TargetPath, BecomesAUrlPathSegmentBySegment) {
  EXPECT_EQ(TargetUrlPath("a b/c#d", "abc"), "a%20b/abc.c%23d");
  EXPECT_EQ(TargetUrlPath("x", ""), "x");
}

TEST(RoleName, IsQuotedWithNothingLeftSafe) {
  EXPECT_EQ(QuoteSegment("../a?#"), "..%2Fa%3F%23");
  EXPECT_EQ(UnquoteSegment("..%2Fa%3F%23").value(), "../a?#");
  EXPECT_FALSE(UnquoteSegment("%2").ok());
  EXPECT_FALSE(UnquoteSegment("%zz").ok());
  EXPECT_FALSE(CheckDelegatedName("timestamp").ok());
  EXPECT_FALSE(CheckDelegatedName("").ok());
  EXPECT_TRUE(CheckDelegatedName(std::string(200, 'a')).ok());
  EXPECT_FALSE(CheckDelegatedName(std::string(201, 'a')).ok());
}

}  // namespace
}  // namespace flotilla::tuf

// Family test_updater_delegation_graphs: pre-order depth first, terminating roles, patterns, edges.
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

using ::testing::ElementsAreArray;

struct Edge {
  std::string delegator;
  std::string role;
  bool terminating = false;
  std::vector<std::string> paths = {"*"};
};

struct Graph {
  std::string name;
  std::vector<Edge> edges;
  std::vector<std::string> visited;
};

class DelegationTest : public ClientTest {
 protected:
  void Build(const std::vector<Edge>& edges) {
    for (const Edge& edge : edges) {
      simulator_.Delegate(edge.delegator, edge.role, edge.paths, edge.terminating);
      if (std::find(roles_.begin(), roles_.end(), edge.role) == roles_.end()) {
        roles_.push_back(edge.role);
      }
    }
  }
  void PublishGraph() {
    simulator_.Publish(roles_);
    simulator_.PublishAll();
    ASSERT_EQ(0, Init());
  }
  // Delegated roles that were asked for, after the four of the top.
  std::vector<std::string> Visited() {
    std::vector<std::string> requests = Requests();
    if (requests.size() < 4) {
      return {"fewer than four requests"};
    }
    std::vector<std::string> roles;
    for (auto it = requests.begin() + 4; it != requests.end(); ++it) {
      roles.push_back(it->substr(2, it->size() - 2 - std::string(".json").size()));
    }
    return roles;
  }
  std::vector<std::string> roles_;
};

class DelegationGraph : public DelegationTest, public testing::WithParamInterface<Graph> {};

TEST_P(DelegationGraph, IsWalkedInOrder) {
  Build(GetParam().edges);
  PublishGraph();
  EXPECT_EQ(1, Download({"missing"}));
  EXPECT_THAT(Visited(), ElementsAreArray(GetParam().visited));
}

std::vector<std::string> Others() {
  return {"*.other"};
}

INSTANTIATE_TEST_SUITE_P(
    Shape, DelegationGraph,
    testing::Values(
        Graph{"one", {{"targets", "A"}}, {"A"}},
        Graph{"twoBesideEachOther", {{"targets", "A"}, {"targets", "B"}}, {"A", "B"}},
        Graph{"twoLevels", {{"targets", "A"}, {"targets", "B"}, {"B", "C"}}, {"A", "B", "C"}},
        Graph{"childrenBeforeSiblings",
              {{"targets", "A"}, {"targets", "B"}, {"A", "C"}, {"A", "D"}},
              {"A", "C", "D", "B"}},
        Graph{"grandchildrenBeforeSiblings",
              {{"targets", "A"}, {"targets", "B"}, {"A", "C"}, {"C", "D"}},
              {"A", "C", "D", "B"}},
        Graph{"terminatingCutsTheRest",
              {{"targets", "A"}, {"targets", "B"}, {"A", "C", true}, {"A", "D"}},
              {"A", "C"}},
        Graph{"terminatingKeepsItsOwnChildren",
              {{"targets", "A"}, {"targets", "B"}, {"A", "C", true}, {"C", "D"}},
              {"A", "C", "D"}},
        Graph{"otherPathsAreNotEntered",
              {{"targets", "A", false, Others()}, {"targets", "B"}, {"A", "C"}},
              {"B"}},
        Graph{"otherPathsAreNotEnteredBelow",
              {{"targets", "A"}, {"targets", "B"}, {"A", "C", false, Others()}, {"C", "D"}},
              {"A", "B"}},
        Graph{"cycle",
              {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"C", "D"}, {"D", "B"}},
              {"A", "B", "C", "D"}},
        Graph{"twoDelegatorsOfOne",
              {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"A", "C"}},
              {"A", "C", "B"}},
        Graph{"twoDelegatorsOfOneByPath",
              {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"A", "C", false, Others()}},
              {"A", "B", "C"}},
        Graph{"terminatingWithOtherPathsCutsNothing",
              {{"targets", "A", true, Others()}, {"targets", "B"}},
              {"B"}}),
    [](const auto& chosen) { return chosen.param.name; });

struct SearchCase {
  std::string name;
  std::string path;
  bool found = false;
  std::vector<std::string> visited;
};

class PathSearch : public DelegationTest, public testing::WithParamInterface<SearchCase> {};

TEST_P(PathSearch, EntersTheRolesWhosePatternsMatch) {
  Build({{"targets", "A", false, {"*.doc", "*.md"}},
         {"targets", "B", false, {"releases/*/*"}},
         {"targets", "Q", false, {"?ello", "w?rld.*"}},
         {"B", "C", false, {"releases/x/*"}},
         {"B", "D", false, {"releases/y/*.zip"}}});
  simulator_.AddTarget("targets", "topfile", "top");
  simulator_.AddTarget("A", "README.md", "by A");
  simulator_.AddTarget("A", "sub/README.md", "by A, but not its to give");
  simulator_.AddTarget("C", "releases/x/v1", "by C");
  simulator_.AddTarget("D", "releases/y/v1.zip", "by D");
  simulator_.AddTarget("D", "releases/z/v1.zip", "by D, but not its to give");
  simulator_.AddTarget("Q", "hello", "by Q");
  simulator_.AddTarget("Q", "world.txt", "by Q too");
  simulator_.AddTarget("Q", "Hello", "by Q as well");
  PublishGraph();
  EXPECT_EQ(GetParam().found ? 0 : 1, Download({GetParam().path})) << last_error_;
  EXPECT_THAT(Visited(), ElementsAreArray(GetParam().visited));
  EXPECT_EQ(GetParam().found ? 1U : 0U, Artifacts().size());
}

INSTANTIATE_TEST_SUITE_P(
    Path, PathSearch,
    testing::Values(SearchCase{"topLevel", "topfile", true, {}},
                    SearchCase{"star", "README.md", true, {"A"}},
                    SearchCase{"starMatchesNoSlash", "sub/README.md", false, {}},
                    SearchCase{"segments", "releases/x/v1", true, {"B", "C"}},
                    SearchCase{"segmentsWithSuffix", "releases/y/v1.zip", true, {"B", "D"}},
                    SearchCase{"notByAllInTheChain", "releases/z/v1.zip", false, {"B"}},
                    SearchCase{"deeperThanThePattern", "releases/x/y/v1", false, {}},
                    SearchCase{"questionMark", "hello", true, {"Q"}},
                    SearchCase{"questionMarkIsOneByte", "wrld.txt", false, {}},
                    SearchCase{"questionAndStar", "world.txt", true, {"Q"}},
                    SearchCase{"caseOfAWildcard", "Hello", true, {"Q"}},
                    SearchCase{"caseMatters", "readme.MD", false, {}}),
    [](const auto& chosen) { return chosen.param.name; });

TEST_F(DelegationTest, ACachedRoleIsVerifiedForEachDelegator) {
  Build({{"targets", "A", false, {"a/*"}},
         {"targets", "B", false, {"b/*"}},
         {"A", "shared", false, {"*/*"}},
         {"B", "shared", false, {"*/*"}}});
  // B trusts another key with the name than the one that signed.
  const SimulatorKey other = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  auto& delegations = simulator_.Role("B").at("delegations").as_object();
  delegations["keys"].as_object()[other.id()] = other.object;
  delegations["roles"].at(0).as_object()["keyids"] = {other.id()};
  simulator_.AddTarget("shared", "a/file", "for A");
  simulator_.AddTarget("shared", "b/file", "for B");
  PublishGraph();
  EXPECT_EQ(0, Download({"a/file"})) << last_error_;
  EXPECT_EQ(1, Download({"b/file"}));            // from the disk
  EXPECT_EQ(1, Download({"a/file", "b/file"}));  // from the memory of one client
  EXPECT_EQ(0, Download({"a/file"})) << last_error_;
  EXPECT_THAT(Artifacts(), testing::ElementsAre("for A"));
}

TEST_F(DelegationTest, ARoleThatSnapshotDoesNotListIsNotAskedFor) {
  Build({{"targets", "A"}, {"targets", "B"}});
  simulator_.AddTarget("B", "file", "by B");
  simulator_.Publish({"A", "B"});
  simulator_.Role("snapshot").at("meta").as_object().erase("A.json");
  simulator_.PublishAll();
  ASSERT_EQ(0, Init());
  EXPECT_EQ(1, Download({"file"}));
  EXPECT_THAT(Visited(), testing::IsEmpty());
}

TEST_F(DelegationTest, HashPrefixesChooseTheRole) {
  const std::string hash = SimulatorSha256Hex("bins/file");
  Build({{"targets", "other"}, {"targets", "bin"}});
  auto& roles = simulator_.Role("targets").at("delegations").at("roles").as_array();
  const std::string other = hash[0] == 'f' ? "0" : "f";
  for (auto& role : roles) {
    role.as_object().erase("paths");
  }
  roles[0].as_object()["path_hash_prefixes"] = boost::json::array{other};
  roles[1].as_object()["path_hash_prefixes"] = boost::json::array{hash.substr(0, 3)};
  simulator_.AddTarget("bin", "bins/file", "in its bin");
  PublishGraph();
  EXPECT_EQ(0, Download({"bins/file"})) << last_error_;
  EXPECT_THAT(Visited(), testing::ElementsAre("bin"));
}

TEST_F(DelegationTest, SuccinctRolesAreNamedByTheFirstBits) {
  const std::string hash = SimulatorSha256Hex("bins/file");
  const SimulatorKey key = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  const std::string bin = "bin-" + hash.substr(0, 2);  // 8 bits
  simulator_.signers(bin).push_back(key);
  simulator_.Delegate("targets", bin, {"*"});
  boost::json::object succinct = {{"bit_length", 8}, {"name_prefix", "bin"}, {"threshold", 1}};
  succinct["keyids"] = boost::json::array{key.id()};
  auto& delegations = simulator_.Role("targets").at("delegations").as_object();
  delegations.erase("roles");
  delegations["succinct_roles"] = succinct;
  simulator_.AddTarget(bin, "bins/file", "in its bin");
  simulator_.Publish({bin});
  simulator_.PublishAll();
  ASSERT_EQ(0, Init());
  EXPECT_EQ(0, Download({"bins/file"})) << last_error_;
  EXPECT_THAT(Visited(), testing::ElementsAre(bin));
}

}  // namespace
}  // namespace flotilla::conformance

// Family test_quoting_issues: a role's name is one segment of a URL and one file, whatever it says.
#include <string>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

struct NameCase {
  std::string title;
  std::string role;
  std::string encoded;
};

class UnusualRoleName : public ClientTest, public testing::WithParamInterface<NameCase> {};

TEST_P(UnusualRoleName, IsEncodedInTheUrlAndInTheFileName) {
  const auto& [title, role, encoded] = GetParam();
  simulator_.Delegate("targets", role, {"*"});
  simulator_.AddTarget(role, "file", "contents");
  simulator_.Publish({role, "targets", "snapshot", "timestamp"});
  ASSERT_EQ(0, Init());
  EXPECT_EQ(0, Download({"file"})) << last_error_;
  EXPECT_EQ("1." + encoded + ".json", Requests().back());
  EXPECT_EQ(5U, Trusted().size());
  EXPECT_EQ(simulator_.metadata().at(encoded + ".json"), Stored(encoded));
  // Nothing was written beside the folders that were named.
  std::size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    entries += entry.path().empty() ? 0U : 1U;
  }
  EXPECT_EQ(3U, entries);  // metadata, targets, initial.json
}

INSTANTIATE_TEST_SUITE_P(
    Role, UnusualRoleName,
    testing::Values(NameCase{"question", "?", "%3F"}, NameCase{"hash", "#", "%23"},
                    NameCase{"absolute", "/delegatedrole", "%2Fdelegatedrole"},
                    NameCase{"parent", "../delegatedrole", "..%2Fdelegatedrole"},
                    NameCase{"space", "a b", "a%20b"}, NameCase{"percent", "%2e%2e", "%252e%252e"}),
    [](const auto& chosen) { return chosen.param.title; });

}  // namespace
}  // namespace flotilla::conformance

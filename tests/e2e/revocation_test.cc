// The kill switch through the real programs: two people take a release from every device.

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/local_client.h"

namespace flotilla::e2e {
namespace {

constexpr char kAnswer[] = "Please ask the shift leader.";

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

class KillSwitch : public FleetTest {
 protected:
  std::filesystem::path File(const std::string& name) const { return site_.folder() / name; }

  // Another operator than the one of the site.
  void AddBob() {
    Must(site_.Run({"operator", "request", "--key", File("bob.key"), "--out", File("bob.csr")}));
    Must(site_.Run({"operator", "add", "bob", "--role", "operator", "--csr", File("bob.csr"),
                    "--out", File("bob.crt")}));
    Must(
        site_.Run({"context", "set", "bob", "--operator", site_.Listener("operator"), "--dashboard",
                   site_.Listener("dashboard"), "--ca", site_.state_dir() / "operator/ca.crt",
                   "--cert", File("bob.crt"), "--key", File("bob.key")}));
  }
  CommandResult AsBob(Command words) const {
    words.insert(words.end(), {"--context", "bob"});
    return site_.Fleetctl(words);
  }
  Status PushWith(const std::string& version, const std::string& model, const Command& more) const {
    Command words = {"release",           "push",  "--line", kLine,
                     "--version",         version, "--key",  site_.Key("models").string(),
                     Demo(model).string()};
    words.insert(words.end(), more.begin(), more.end());
    return site_.Run(words);
  }
  // The devices run 2.0.0, which they had 1.0.0 before, and 2.0.0 is the baseline.
  void FleetOnSecondRelease(const std::vector<std::string>& names, const Command& more = {}) {
    ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease(names));
    AddBob();
    Must(PushWith("2.0.0", kModelV2, more));
    Must(site_.RollOut("2.0.0", {{"all", 0}}));
    ASSERT_TRUE(Eventually([&] { return site_.RolloutState("2.0.0") == "COMPLETED"; }))
        << site_.RolloutState("2.0.0");
  }
  CommandResult Ask(const std::string& serve) const {
    return site_.Fleetctl({"release", "revoke", kLine, "2.0.0", "--serve", serve, "--reason",
                           "it names the wrong valve", "--yes"});
  }
  CommandResult Approve() const {
    return AsBob(
        {"release", "approve-revocation", kLine, "2.0.0", "--yes", "-w", "--timeout", "60s"});
  }
  void Revoke(const std::string& serve) {
    const CommandResult asked = Ask(serve);
    ASSERT_EQ(asked.exit_code, 0) << asked.err;
    ASSERT_TRUE(Has(asked.out, "waiting for a second person")) << asked.out;
    const CommandResult approved = Approve();
    ASSERT_EQ(approved.exit_code, 0) << approved.out << approved.err;
    ASSERT_TRUE(Has(approved.out, "it took")) << approved.out;
    std::printf("%s", approved.out.c_str());
  }
  LocalClient Client(const std::string& name) { return {devices_[name]->Url(), kLine}; }
  HttpResult Chat(const std::string& name) { return Client(name).Chat(kQuestion, 16); }
};

TEST_F(KillSwitch, StopsEveryDeviceAndGoesBackToWhatRanBefore) {
  ASSERT_NO_FATAL_FAILURE(FleetOnSecondRelease({"a", "b"}));
  ASSERT_TRUE(Has(Chat("a").body, "plant-slm@2.0.0")) << Chat("a").body;
  ASSERT_EQ(Ask("previous").exit_code, 0);
  const CommandResult own =
      site_.Fleetctl({"release", "approve-revocation", kLine, "2.0.0", "--yes"});
  EXPECT_EQ(own.exit_code, 4) << own.err;
  EXPECT_TRUE(Has(own.err, "another operator has to approve it")) << own.err;
  EXPECT_TRUE(Has(Chat("a").body, "plant-slm@2.0.0")) << "nothing happens yet";

  const CommandResult approved = Approve();
  ASSERT_EQ(approved.exit_code, 0) << approved.out << approved.err;
  EXPECT_TRUE(Has(approved.out, "2 devices are told now, 0 will be")) << approved.out;
  EXPECT_TRUE(Has(approved.out, "every online device has stopped (2): it took")) << approved.out;
  std::printf("%s", approved.out.c_str());
  for (const char* name : {"a", "b"}) {
    ASSERT_TRUE(Eventually([&] { return Has(Chat(name).body, "plant-slm@1.0.0"); })) << name;
    EXPECT_TRUE(Eventually([&] { return site_.Runs(name) == "1.0.0"; })) << site_.Why(name);
    EXPECT_EQ(
        Count(devices_[name]->Log(), R"("version":"1.0.0","state":"DEPLOYMENT_STATE_DOWNLOADING")"),
        1)
        << "it was fetched again";
  }
  EXPECT_NE(site_.Run({"rollout", "create", "again", "--line", kLine, "--version", "2.0.0"}),
            OkStatus());
  const std::string audit = site_.Fleetctl({"audit", "list", "-o", "json"}).out;
  EXPECT_TRUE(Has(audit, "release.revoke.ask"));
  EXPECT_TRUE(Has(audit, "release.revoke.approve"));
  EXPECT_TRUE(Has(site_.Fleetctl({"release", "list"}).out, "revoked"));
}

TEST_F(KillSwitch, LetsTheEndpointSayTheSignedAnswerAlsoAfterKill9) {
  ASSERT_NO_FATAL_FAILURE(FleetOnSecondRelease({"a"}, {"--fallback-answer", kAnswer}));
  ASSERT_NO_FATAL_FAILURE(Revoke("static-answer"));
  ASSERT_TRUE(Eventually([&] { return Has(Chat("a").body, kAnswer); })) << Chat("a").body;
  const HttpResult whole = Chat("a");
  EXPECT_EQ(whole.status, 200);
  EXPECT_TRUE(Has(whole.body, R"("object":"chat.completion")")) << whole.body;
  EXPECT_TRUE(Has(whole.body, R"("finish_reason":"stop")")) << whole.body;
  EXPECT_TRUE(Has(whole.body, "plant-slm@fallback-answer")) << whole.body;
  const HttpResult stream = Client("a").Stream(kQuestion, 16);
  EXPECT_TRUE(Has(stream.body, "chat.completion.chunk")) << stream.body;
  EXPECT_TRUE(Has(stream.body, "data: [DONE]")) << stream.body;
  ASSERT_TRUE(Eventually([&] {
    return Has(site_.Fleetctl({"device", "list", "--not-serving"}).out,
               "static_answer POLICY_REVOKED");
  })) << site_.Fleetctl({"device", "list", "--not-serving"}).out;
  EXPECT_TRUE(Has(site_.Why("a"), "it names the wrong valve")) << site_.Why("a");

  site_.KillController();
  devices_["a"]->Kill();
  Must(devices_["a"]->Start());
  ASSERT_TRUE(Eventually([&] { return Chat("a").status == 200; }));
  EXPECT_TRUE(Has(Chat("a").body, kAnswer)) << Chat("a").body;
  EXPECT_FALSE(Has(Chat("a").body, "plant-slm@2.0.0"));
}

TEST_F(KillSwitch, AnswersNothingWhereNothingIsToBeServed) {
  ASSERT_NO_FATAL_FAILURE(FleetOnSecondRelease({"a"}));
  ASSERT_NO_FATAL_FAILURE(Revoke("nothing"));
  ASSERT_TRUE(Eventually([&] { return Chat("a").status == 503; })) << Chat("a").body;
  EXPECT_TRUE(Has(Chat("a").body, "POLICY_REVOKED")) << Chat("a").body;
  devices_["a"]->Kill();
  Must(devices_["a"]->Start());
  ASSERT_TRUE(Eventually([&] { return Chat("a").status == 503; })) << Chat("a").body;

  // A release that is not revoked takes its place.
  Must(PushWith("3.0.0", kModelV2Small, {}));
  Must(site_.RollOut("3.0.0", {{"all", 0}}));
  EXPECT_TRUE(Eventually([&] { return Has(Chat("a").body, "plant-slm@3.0.0"); })) << Chat("a").body;
}

TEST_F(KillSwitch, EndsARolloutInItsMiddleAndReachesADeviceThatWasAway) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"a", "b", "c"}));
  AddBob();
  Must(PushWith("2.0.0", kModelV2, {}));
  Must(site_.RollOut("2.0.0", {{"canary", 2, absl::Hours(1)}, {"rest", 0}}));
  ASSERT_TRUE(Eventually([&] { return Has(site_.WaveCounts("2.0.0"), "\"200\":2"); }))
      << site_.WaveCounts("2.0.0");
  std::vector<std::string> on_it;
  for (const char* name : {"a", "b", "c"}) {
    if (site_.Runs(name) == "2.0.0") {
      on_it.emplace_back(name);
    }
  }
  ASSERT_EQ(on_it.size(), 2U);
  Device* const away = devices_[on_it[1]];
  away->Kill();
  ASSERT_TRUE(Eventually(
      [&] { return Has(Ask("baseline").out, "1 devices would be told at once, 1 when"); }));
  const CommandResult approved = Approve();
  ASSERT_EQ(approved.exit_code, 0) << approved.out << approved.err;
  EXPECT_TRUE(Has(approved.out, "1 devices are told now, 1 will be when they connect"))
      << approved.out;
  EXPECT_EQ(site_.RolloutState("2.0.0"), "ABORTED");
  EXPECT_TRUE(Eventually([&] { return site_.Runs(on_it[0]) == "1.0.0"; })) << site_.Why(on_it[0]);

  Must(away->Start());
  EXPECT_TRUE(Eventually([&] { return site_.Runs(on_it[1]) == "1.0.0"; })) << site_.Why(on_it[1]);
  ASSERT_TRUE(Eventually([&] { return Has(Chat(on_it[1]).body, "plant-slm@1.0.0"); }));
  const CommandResult now = site_.Fleetctl({"release", "revocation", kLine, "2.0.0"});
  EXPECT_TRUE(Has(now.out, "0 online and 0 offline devices have not")) << now.out;
}

TEST_F(KillSwitch, ADeviceThatHearsNothingForMaxAgeGivesTheFallbackAnswerUntilItHears) {
  ASSERT_NO_FATAL_FAILURE(
      FleetOnSecondRelease({"a"}, {"--fallback-answer", kAnswer, "--max-age", "4s"}));
  ASSERT_TRUE(Has(Chat("a").body, "plant-slm@2.0.0"));
  site_.KillController();
  ASSERT_TRUE(Eventually([&] { return Has(Chat("a").body, kAnswer); })) << Chat("a").body;
  devices_["a"]->Kill();
  Must(devices_["a"]->Start());
  ASSERT_TRUE(Eventually([&] { return Has(Chat("a").body, kAnswer); })) << "after a restart too";
  Must(site_.StartController());
  EXPECT_TRUE(Eventually([&] { return Has(Chat("a").body, "plant-slm@2.0.0"); })) << Chat("a").body;
}

TEST_F(KillSwitch, AFixThatCannotWaitPassesSoaksWithASecondPerson) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"a", "b"}));
  AddBob();
  Must(PushWith("2.0.0", kModelV2, {}));
  const CommandResult created = site_.Fleetctl(
      {"rollout", "create", "fix", "--line", kLine, "--version", "2.0.0", "--waves", "1,rest",
       "--soak", "6h", "--trial", "1s", "--expedite", "--reason", "it names the wrong valve"});
  ASSERT_EQ(created.exit_code, 0) << created.err;
  EXPECT_TRUE(Has(created.out, "waiting for a second person")) << created.out;
  EXPECT_NE(site_.Run({"rollout", "start", "fix", "--yes"}), OkStatus());
  Must(site_.Run({"key", "new", "--out", File("approver.pem")}));
  const CommandResult approved =
      AsBob({"rollout", "approve", "fix", "--key", File("approver.pem"), "--yes"});
  ASSERT_EQ(approved.exit_code, 0) << approved.err;
  Must(site_.Run({"rollout", "start", "fix", "--yes"}));
  EXPECT_TRUE(Eventually([&] {
    const auto rollout = site_.Fleetctl({"rollout", "get", "fix", "-o", "json"});
    return Has(rollout.out, "ROLLOUT_STATE_COMPLETED");
  }));
}

}  // namespace
}  // namespace flotilla::e2e

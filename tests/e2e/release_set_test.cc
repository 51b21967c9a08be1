// Releases of several files on real agents: an adapter on a base that the device has, a variant for
// a device with little memory, and two lines side by side.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/http.h"
#include "tests/support/lora_gguf.h"

namespace flotilla::e2e {
namespace {

constexpr char kRepair[] = "plant-slm-v3-repair-lora.gguf";

class ReleaseSet : public FleetTest {
 protected:
  // What the controller has handed to devices of the kind, by its own count.
  std::uint64_t TargetBytesServed() const {
    HttpOptions options;
    options.ca = site_.state_dir() / "operator/ca.crt";
    options.certificate = site_.state_dir() / "operator/operator.crt";
    options.key = site_.state_dir() / "operator/operator.key";
    const std::string text =
        HttpCall("https://" + site_.Listener("dashboard") + "/metrics", options).body;
    const std::string name = "fleet_artifact_bytes_total{kind=\"target\"} ";
    const std::size_t at = text.find(name);
    EXPECT_NE(at, std::string::npos) << text;
    return at == std::string::npos
               ? 0
               : static_cast<std::uint64_t>(std::strtod(text.c_str() + at + name.size(), nullptr));
  }
  Status Push(const std::string& line, const std::string& version, const Command& what) const {
    Command command = {"release",   "push",  "--line", line,
                       "--version", version, "--key",  site_.Key("models").string()};
    command.insert(command.end(), what.begin(), what.end());
    return site_.Run(command);
  }
  // A rollout to every device at once; its name is "<line>-<version>".
  Status RollOut(const std::string& line, const std::string& version) const {
    FLOTILLA_RETURN_IF_ERROR(
        site_.Run({"rollout", "create", "--line", line, "--version", version, "--waves", "rest",
                   "--gate", "auto", "--soak", "1s", "--trial", "1s", "--on-overlap", "replace"}));
    return site_.Run({"rollout", "start", line + "-" + version});
  }
  std::string State(const std::string& rollout) const {
    return site_.Fleetctl({"rollout", "get", rollout, "-o", "json"}).out;
  }
  bool Completes(const std::string& line, const std::string& version) const {
    return Eventually([&] {
      return State(line + "-" + version).find("ROLLOUT_STATE_COMPLETED") != std::string::npos;
    });
  }
  std::string AgentStatus(const Device& device) const {
    return RunCommand(
               {Program("flotilla-agent"), "status", "--config", device.config_file().string()}, {})
        .out;
  }
  std::string WriteLora(const std::string& name, float strength) const {
    const auto path = site_.folder() / name;
    std::ofstream(path, std::ios::binary) << ToText(test::MakeLoraGguf(test::DemoLora(strength)));
    return path.string();
  }
};

TEST_F(ReleaseSet, AnAdapterOnABaseThatTheDeviceHasIsAllThatIsFetched) {
  Device* const device = Enrolled("adapted");
  ASSERT_NE(device, nullptr);
  Must(Push(kLine, "1.0.0", {"--model", Demo(kModelV3).string()}));
  Must(RollOut(kLine, "1.0.0"));
  ASSERT_TRUE(Completes(kLine, "1.0.0")) << State("plant-slm-1.0.0");
  ASSERT_TRUE(Eventually([&] { return !device->Ask(kLine, kQuestion).empty(); }));
  const std::string before = device->Ask(kLine, kQuestion);
  EXPECT_NE(before.substr(0, 11), "Overheating");

  const std::uint64_t served = TargetBytesServed();
  Must(Push(
      kLine, "1.1.0",
      {"--base", std::string(kLine) + "@1.0.0", "--adapter", "repair=" + Demo(kRepair).string(),
       "--golden", Demo("golden.jsonl").string(), "--floor", "90"}));
  Must(RollOut(kLine, "1.1.0"));
  EXPECT_TRUE(Completes(kLine, "1.1.0")) << site_.Why("adapted");
  EXPECT_TRUE(Eventually([&] {
    return device->Ask(kLine, kQuestion).substr(0, 22) == "Overheating on pump-07";
  })) << device->Ask(kLine, kQuestion);
  const std::uint64_t fetched = TargetBytesServed() - served;
  const std::uint64_t adapter = FileSize(Demo(kRepair)).value();
  const std::uint64_t golden = FileSize(Demo("golden.jsonl")).value();
  std::printf("an adapter of %zu bytes on a base of %zu: %zu bytes of artifacts fetched\n",
              static_cast<std::size_t>(adapter),
              static_cast<std::size_t>(FileSize(Demo(kModelV3)).value()),
              static_cast<std::size_t>(fetched));
  EXPECT_GE(fetched, adapter + golden);
  EXPECT_LT(fetched, adapter + golden + 8000);  // the leaf map and the document
  EXPECT_NE(AgentStatus(*device).find("adapter repair, scale 1"), std::string::npos)
      << AgentStatus(*device);
  const std::string shown = site_.Fleetctl({"release", "show", kLine, "1.1.0"}).out;
  EXPECT_NE(shown.find("repair x 1"), std::string::npos) << shown;

  Must(site_.Run({"rollout", "rollback", "plant-slm-1.1.0"}));
  EXPECT_TRUE(Eventually([&] { return site_.Runs("adapted") == "1.0.0"; })) << site_.Why("adapted");
  EXPECT_TRUE(Eventually([&] { return device->Ask(kLine, kQuestion) == before; }))
      << device->Ask(kLine, kQuestion);
}

TEST_F(ReleaseSet, AnAdapterThatSpoilsTheAnswersIsRefusedByItsGoldenPrompts) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"judge"}));
  Device* const device = devices_["judge"];
  const std::string before = device->Ask(kLine, kQuestion);
  Must(Push(kLine, "1.1.0",
            {"--base", std::string(kLine) + "@1.0.0", "--adapter",
             "noise=" + WriteLora("noise.gguf", 1.0F)}));
  Must(RollOut(kLine, "1.1.0"));
  EXPECT_TRUE(Eventually([&] {
    return site_.DeploymentState("1.1.0", "judge") == "FAILED_REVERTED";
  })) << site_.Why("judge");
  EXPECT_NE(site_.Why("judge").find("INSTALL_SMOKE_FAILED"), std::string::npos)
      << site_.Why("judge");
  EXPECT_EQ(site_.Runs("judge"), "1.0.0");
  EXPECT_EQ(device->Ask(kLine, kQuestion), before);
}

TEST_F(ReleaseSet, ADeviceWithLittleMemoryTakesTheSmallVariantAndSaysWhy) {
  const auto added = site_.AddDevice("small");
  ASSERT_TRUE(added.ok()) << added.status();
  Device* const small = *added;
  // 1.4 MB and 0.8 MB of weights by five quarters, 0.5 MiB of context and 64 MiB for the program.
  std::ofstream(small->config_file(), std::ios::app) << "memory_budget_bytes: 69000000\n";
  Must(small->Start());
  Device* const large = Enrolled("large");
  ASSERT_NE(large, nullptr);
  ASSERT_TRUE(Eventually([&] { return site_.Run({"device", "get", "small"}).ok(); }));
  Must(Push(kLine, "2.0.0",
            {"--variant", "q8_0=" + Demo(kModelV2).string(), "--variant",
             "q4_k_m=" + Demo(kModelV2Small).string(), "--golden", Demo("golden.jsonl").string(),
             "--floor", "90"}));
  Must(RollOut(kLine, "2.0.0"));
  EXPECT_TRUE(Completes(kLine, "2.0.0")) << site_.Why("small") << State("plant-slm-2.0.0");
  EXPECT_NE(AgentStatus(*small).find("why: q8_0 needs 67 MiB of memory and this device has 65 MiB: "
                                     "q4_k_m"),
            std::string::npos)
      << AgentStatus(*small);
  EXPECT_NE(AgentStatus(*large).find("variant: q8_0"), std::string::npos) << AgentStatus(*large);
  const auto variant_of = [&](const std::string& name) {
    return site_.Fleetctl({"device", "get", name}).out;
  };
  EXPECT_NE(variant_of("small").find("plant-slm q4_k_m"), std::string::npos) << variant_of("small");
  EXPECT_NE(variant_of("large").find("plant-slm q8_0"), std::string::npos) << variant_of("large");
  EXPECT_TRUE(
      Eventually([&] { return small->Ask(kLine, kQuestion).substr(0, 11) == "Overheating"; }));
}

TEST_F(ReleaseSet, TwoLinesOfOneAgentAreRoutedByModelAndRolledBackApart) {
  constexpr char kOther[] = "shop-slm";
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"both"}));
  Device* const device = devices_["both"];
  const std::string first = device->Ask(kLine, kQuestion);
  Must(site_.Run({"delegate", "add", std::string("models-") + kOther, "--keys",
                  (site_.folder() / "keys/models.pub").string(), "--key",
                  site_.Key("targets").string(), "--yes"}));
  Must(Push(kOther, "7.0.0", {"--model", Demo(kModelV2).string()}));
  Must(RollOut(kOther, "7.0.0"));
  ASSERT_TRUE(Completes(kOther, "7.0.0")) << site_.Why("both");
  ASSERT_TRUE(Eventually(
      [&] { return device->Ask(kOther, kQuestion).substr(0, 22) == "Overheating on pump-07"; }));
  EXPECT_EQ(device->Ask(kLine, kQuestion), first);
  const std::string models = HttpCall(device->Url() + "/v1/models").body;
  EXPECT_NE(models.find(kLine), std::string::npos) << models;
  EXPECT_NE(models.find(kOther), std::string::npos) << models;

  // The one line goes on, is rolled back, and the other hears nothing of it.
  const std::string second = device->Ask(kOther, kQuestion);
  Must(Push(kOther, "7.1.0", {"--model", Demo(kModelV3).string()}));
  Must(RollOut(kOther, "7.1.0"));
  ASSERT_TRUE(Completes(kOther, "7.1.0")) << site_.Why("both");
  EXPECT_TRUE(Eventually([&] {
    const std::string answer = device->Ask(kOther, kQuestion);
    return !answer.empty() && answer != second;
  }));
  EXPECT_EQ(device->Ask(kLine, kQuestion), first);
  Must(site_.Run({"rollout", "rollback", std::string(kOther) + "-7.1.0"}));
  EXPECT_TRUE(Eventually([&] { return device->Ask(kOther, kQuestion) == second; }))
      << device->Ask(kOther, kQuestion) << site_.Why("both");
  EXPECT_EQ(device->Ask(kLine, kQuestion), first);
  EXPECT_EQ(site_.Runs("both"), "1.0.0");
  const std::string status = AgentStatus(*device);
  EXPECT_NE(status.find("line plant-slm: current 1.0.0"), std::string::npos) << status;
  EXPECT_NE(status.find("line shop-slm: current 7.0.0"), std::string::npos) << status;
}

}  // namespace
}  // namespace flotilla::e2e

// An attacker with the controller's disk, database, online keys and CA: what he can not do, each
// attempt with its typed reason, and the caps of what he can (docs/threat-model.md).

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/file.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "ota/format/approval_statement.h"
#include "security/key_file.h"
#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/http.h"
#include "tests/e2e/support/thief.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 64U << 20U;

class StolenController : public FleetTest {
 protected:
  void SetUp() override {
    FleetTest::SetUp();
    const auto device = site_.AddDevice("target");
    ASSERT_TRUE(device.ok()) << device.status();
    device_ = *device;
  }

  void Configure(const std::string& lines) const {
    std::ofstream(device_->config_file(), std::ios::app) << lines;
  }
  // 1.0.0 runs there, honestly.
  void RunFirstRelease() {
    Must(device_->Start());
    ASSERT_TRUE(Eventually([&] { return site_.Run({"device", "get", "target"}).ok(); }));
    Must(site_.Push("1.0.0", kModelV1, 40));
    Must(site_.RollOut("1.0.0", {{"all", 0}}));
    ASSERT_TRUE(Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }));
    ASSERT_FALSE(device_->Ask(kLine, kQuestion).empty());
  }
  // From now on the device talks to the thief.
  void Steal() {
    thief_ = std::make_unique<Thief>(site_);
    device_->Stop();
    Repoint(thief_->address());
    Must(device_->Start());
    ASSERT_TRUE(Eventually([&] { return thief_->sessions() > 0; })) << device_->Log();
    ASSERT_TRUE(Eventually([&] { return !device_->Ask(kLine, kQuestion).empty(); }));
  }
  void Repoint(const std::string& address) const {
    std::string text = FileText(device_->config_file());
    const std::size_t begin = text.find("device_address: ");
    text.replace(begin, text.find('\n', begin) - begin, "device_address: " + address);
    std::ofstream(device_->config_file(), std::ios::trunc) << text;
  }
  v1::ReleaseRef Release(const std::string& version) const {
    const auto answer = site_.Json({"release", "show", kLine, version});
    EXPECT_TRUE(answer.ok()) << answer.status();
    v1::ReleaseRef ref;
    ref.set_line(kLine);
    ref.set_version(version);
    ref.set_target_path(std::string("models-") + kLine + "/" + version + ".release.json");
    boost::system::error_code error;
    const auto* counter = answer->find_pointer("/release/ref/release_counter", error);
    ref.set_release_counter(std::stoull(std::string(counter->as_string())));
    const auto file = FindDocument(version);
    ref.set_sha256(ToText(HexDecode(file).value()));
    return ref;
  }
  // The digest of a release document, by its name in the repository.
  std::string FindDocument(const std::string& version) const {
    const std::string ending = "." + version + ".release.json";
    for (const auto& entry : fs::directory_iterator(site_.state_dir() / "repo/targets" /
                                                    (std::string("models-") + kLine))) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(ending)) {
        return name.substr(0, name.size() - ending.size());
      }
    }
    ADD_FAILURE() << "no document of " << version;
    return std::string(64, '0');
  }
  // Offers the release, with a new try, and expects the device to answer with this reason and to go
  // on as it was.
  void ExpectRefusal(const v1::ReleaseRef& release, v1::FailureReason reason) {
    v1::Assignment assignment;
    *assignment.mutable_release() = release;
    assignment.set_rollout_id("evil");
    assignment.set_attempt(++attempt_);
    thief_->Assign(assignment);
    EXPECT_TRUE(
        Eventually([&] { return thief_->LastReport().reason() == reason; }, absl::Seconds(20)))
        << v1::FailureReason_Name(reason) << " wanted: " << thief_->LastReport().ShortDebugString();
    EXPECT_FALSE(device_->Ask(kLine, kQuestion).empty());
    EXPECT_NE(StatusText().find("current 1.0.0"), std::string::npos) << StatusText();
  }
  std::string StatusText() const {
    return RunCommand(
               {Program("flotilla-agent"), "status", "--config", device_->config_file().string()},
               {})
        .out;
  }
  std::string Metrics() const {
    HttpOptions options;
    options.ca = site_.state_dir() / "operator/ca.crt";
    options.certificate = site_.state_dir() / "operator/operator.crt";
    options.key = site_.state_dir() / "operator/operator.key";
    return HttpCall("https://" + site_.Listener("dashboard") + "/metrics", options).body;
  }

  Device* device_ = nullptr;
  std::unique_ptr<Thief> thief_;
  std::uint32_t attempt_ = 0;
};

TEST_F(StolenController, CanNotChooseWhatThePublisherForbidsOrNeverSigned) {
  Must(site_.Push("0.9.0", kModelV2Small, 10));  // counter 1, later below the floor
  ASSERT_NO_FATAL_FAILURE(RunFirstRelease());    // counter 2
  Must(site_.Push("2.0.0", kModelV2, 60));
  Must(site_.Run({"release", "push", "--line", kLine, "--version", "3.0.0", "--key",
                  site_.Key("models").string(), "--hw", "other=mars-rover", "--variant",
                  "other=" + Demo(kModelV2).string()}));
  const v1::ReleaseRef old = Release("0.9.0");
  const v1::ReleaseRef blocked = Release("2.0.0");
  const v1::ReleaseRef foreign = Release("3.0.0");
  const std::string models = site_.Key("models").string();
  Must(site_.Run({"floor", "set", kLine, "--counter", "2", "--key", models, "--yes"}));
  Must(site_.Run({"release", "block", kLine, "2.0.0", "--key", models, "--yes"}));
  ASSERT_NO_FATAL_FAILURE(Steal());

  ExpectRefusal(old, v1::FAILURE_REASON_POLICY_RELEASE_FLOOR);
  ExpectRefusal(blocked, v1::FAILURE_REASON_POLICY_BLOCKLISTED);
  ExpectRefusal(foreign, v1::FAILURE_REASON_POLICY_HARDWARE);
  v1::ReleaseRef altered = foreign;
  altered.set_sha256(std::string(32, 'x'));
  ExpectRefusal(altered, v1::FAILURE_REASON_TRUST_ASSIGNMENT_MISMATCH);
  v1::ReleaseRef unsigned_one = foreign;
  unsigned_one.set_version("6.6.6");
  unsigned_one.set_target_path(std::string("models-") + kLine + "/6.6.6.release.json");
  ExpectRefusal(unsigned_one, v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
}

TEST_F(StolenController, CanNotForgeOrTurnBackMetadata) {
  ASSERT_NO_FATAL_FAILURE(RunFirstRelease());
  const Bytes old_timestamp = ReadFile(site_.metadata_dir() / "timestamp.json", kMaxBytes).value();
  const Bytes first_snapshot =
      ReadFile(site_.metadata_dir() / "1.snapshot.json", kMaxBytes).value();
  Must(site_.Push("2.0.0", kModelV2, 60));
  ASSERT_NO_FATAL_FAILURE(Steal());
  const v1::ReleaseRef release = Release("2.0.0");
  const Bytes timestamp = ReadFile(thief_->Timestamp(), kMaxBytes).value();

  // A model of his own, listed in the line's role: he has no key of that role.
  const fs::path role = thief_->Newest(std::string("models-") + kLine);
  const Bytes honest = ReadFile(role, kMaxBytes).value();
  Thief::Rewrite(
      role, [](tuf::Draft& draft) { draft.SetVersion(draft.version()); },
      thief_->OnlineKey("snapshot"));
  ExpectRefusal(release, v1::FAILURE_REASON_TRUST_THRESHOLD);
  std::ofstream(role, std::ios::binary | std::ios::trunc) << ToText(honest);

  // A long-lived timestamp, as bundles have it.
  Thief::Rewrite(
      thief_->Timestamp(),
      [](tuf::Draft& draft) {
        draft.SetVersion(draft.version() + 1);
        draft.SetSource("bundle");
      },
      thief_->OnlineKey("timestamp"));
  ExpectRefusal(release, v1::FAILURE_REASON_TRUST_BUNDLE_TIMESTAMP);

  // Yesterday's timestamp, truly signed then.
  std::ofstream(thief_->Timestamp(), std::ios::binary | std::ios::trunc) << ToText(old_timestamp);
  ExpectRefusal(release, v1::FAILURE_REASON_TRUST_ROLLBACK_TIMESTAMP);

  // A new timestamp over yesterday's snapshot.
  std::ofstream(thief_->Timestamp(), std::ios::binary | std::ios::trunc) << ToText(timestamp);
  Thief::Rewrite(
      thief_->Timestamp(),
      [&](tuf::Draft& draft) {
        draft.SetVersion(draft.version() + 2);
        Must(draft.SetSnapshot(1, first_snapshot));
      },
      thief_->OnlineKey("timestamp"));
  ExpectRefusal(release, v1::FAILURE_REASON_TRUST_ROLLBACK_SNAPSHOT);
}

TEST_F(StolenController, CanNotBrickADeviceWithALieAboutTheTime) {
  ASSERT_NO_FATAL_FAILURE(RunFirstRelease());
  thief_ = std::make_unique<Thief>(site_);
  thief_->Attest(absl::Now() + absl::Hours(24 * 3650));
  device_->Stop();
  Repoint(thief_->address());
  Must(device_->Start());
  ASSERT_TRUE(Eventually([&] { return thief_->sessions() > 0; }));
  EXPECT_TRUE(Eventually([&] {
    return StatusText().find("UNTRUSTED (FAILURE_REASON_CLOCK_IMPLAUSIBLE)") != std::string::npos;
  })) << StatusText();
  EXPECT_TRUE(Eventually([&] { return !device_->Ask(kLine, kQuestion).empty(); }));
  // The floor moved by the life of a timestamp and 30 days at most.
  std::istringstream floor(FileText(device_->state_dir() / "time_floor"));
  std::string source;
  std::int64_t seconds = 0;
  std::string keys;
  while (floor >> source >> seconds >> keys) {
    EXPECT_LT(absl::FromUnixSeconds(seconds), absl::Now() + absl::Hours(24 * 34)) << source;
  }
  // The honest controller takes it back.
  device_->Stop();
  Repoint(site_.Listener("device"));
  Must(device_->Start());
  EXPECT_TRUE(Eventually([&] { return !device_->Ask(kLine, kQuestion).empty(); }));
}

TEST_F(StolenController, CanNotRollOutAloneWhereDevicesWantASecondOperator) {
  Must(site_.Run({"key", "new", "--out", site_.Key("anna").string()}));
  ASSERT_NO_FATAL_FAILURE(RunFirstRelease());
  Must(site_.Push("2.0.0", kModelV2, 60));
  device_->Stop();
  Configure("approver_keys: [" + (site_.folder() / "keys/anna.pub").string() +
            "]\napprover_threshold: 1\n");
  ASSERT_NO_FATAL_FAILURE(Steal());
  const v1::ReleaseRef release = Release("2.0.0");
  ExpectRefusal(release, v1::FAILURE_REASON_TRUST_OPERATOR_SIGNATURE);

  // With her signature the same offer is taken.
  auto anna = security::LoadSigner(site_.Key("anna"), "").value();
  v1::Assignment assignment;
  *assignment.mutable_release() = release;
  assignment.set_rollout_id("good");
  assignment.mutable_trial_duration()->set_seconds(1);
  assignment.add_operator_key_ids(ToText(ota::ApproverKeyId(anna->public_key())));
  assignment.add_operator_signatures(
      ToText(anna->Sign(ota::EncodeApprovalStatement("good", release).value()).value()));
  thief_->Assign(assignment);
  EXPECT_TRUE(Eventually([&] {
    return thief_->LastReport().state() == v1::DEPLOYMENT_STATE_SUCCEEDED;
  })) << thief_->LastReport().ShortDebugString();
}

TEST_F(StolenController, CanNotFreezeAFleetUnnoticed) {
  Configure("stale_after: 2s\n");
  ASSERT_NO_FATAL_FAILURE(RunFirstRelease());
  EXPECT_TRUE(Eventually([&] { return StatusText().find("trust: fresh") != std::string::npos; }))
      << StatusText();
  EXPECT_NE(Metrics().find("fleet_devices_trust_stale 0"), std::string::npos);
  // What devices have seen is newer than what they are given from now on.
  const Bytes old = ReadFile(site_.metadata_dir() / "timestamp.json", kMaxBytes).value();
  Must(site_.Push("2.0.0", kModelV2, 60));
  ASSERT_TRUE(Eventually([&] {
    return FileText(device_->state_dir() / "tuf/timestamp.json") ==
           FileText(site_.metadata_dir() / "timestamp.json");
  }));
  std::ofstream(site_.metadata_dir() / "timestamp.json", std::ios::binary | std::ios::trunc)
      << ToText(old);

  EXPECT_TRUE(Eventually([&] {
    return StatusText().find("trust: STALE (FAILURE_REASON_TRUST_STALE), frozen since") !=
           std::string::npos;
  })) << StatusText();
  EXPECT_NE(StatusText().find("FAILURE_REASON_TRUST_ROLLBACK_TIMESTAMP"), std::string::npos)
      << StatusText();
  EXPECT_TRUE(Eventually([&] {
    return site_.Fleetctl({"device", "get", "target"}).out.find("STALE, frozen since") !=
           std::string::npos;
  })) << site_.Fleetctl({"device", "get", "target"}).out;
  EXPECT_TRUE(Eventually([&] {
    return Metrics().find("fleet_devices_trust_stale 1") != std::string::npos;
  })) << Metrics();
  EXPECT_FALSE(device_->Ask(kLine, kQuestion).empty());
}

}  // namespace
}  // namespace flotilla::e2e

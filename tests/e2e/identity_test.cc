// What a device is known by, through the real programs: renewal, revocation, rotation of the CA,
// tokens, approval, clones, leaving.

#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <boost/json/value.hpp>

#include "base/os_clock.h"
#include "base/time.h"
#include "tests/e2e/support/process.h"
#include "tests/e2e/support/site.h"

namespace flotilla::e2e {
namespace {

std::string TextAt(const boost::json::value& value, const std::string& pointer) {
  boost::system::error_code error;
  const boost::json::value* found = value.find_pointer(pointer, error);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

SiteOptions ShortLives() {
  SiteOptions options;
  options.more_config =
      "allow_short_certificates: true\ndevice_certificate_life: 9s\nrenew_after_expiry: 60s\n"
      "enrolment_policy: {ask: true}\n";
  return options;
}

class IdentityTest : public testing::Test {
 protected:
  void Start(const SiteOptions& options) {
    site_.emplace(options);
    const Status started = site_->Start();
    ASSERT_TRUE(started.ok()) << started;
  }
  void TearDown() override {
    if (HasFailure() && site_.has_value()) {
      std::cerr << site_->Logs();
    }
  }

  Device& Enrolled(const std::string& name) {
    Device* device = site_->AddDevice(name).value();
    EXPECT_TRUE(device->Start().ok());
    EXPECT_TRUE(Eventually([&] { return Field(name, "liveness") == "LIVENESS_ONLINE"; }));
    return *device;
  }
  std::string Field(const std::string& device, const std::string& field) const {
    const auto answer = site_->Json({"device", "get", device});
    return answer.ok() ? TextAt(*answer, "/device/" + field) : "";
  }
  bool Flag(const std::string& device, const std::string& field) const {
    const auto answer = site_->Json({"device", "get", device});
    boost::system::error_code error;
    const auto* value = answer.ok() ? answer->find_pointer("/device/" + field, error) : nullptr;
    return value != nullptr && value->is_bool() && value->as_bool();
  }
  static bool Eventually(const std::function<bool()>& holds) {
    return WaitUntil(absl::Seconds(30), holds);
  }
  static bool Says(const Device& device, const std::string& text) {
    return device.Log().find(text) != std::string::npos;
  }
  // fleetctl audit's action for this device is there.
  bool Audited(const std::string& action) const {
    return site_->Fleetctl({"audit", "list"}).out.find(action) != std::string::npos;
  }

  std::optional<Site> site_;
};

TEST_F(IdentityTest, ACertificateIsRenewedInTimeAndTheOldOneSuperseded) {
  Start(ShortLives());
  Device& device = Enrolled("pump-1");
  const std::string first = Field("pump-1", "certificate_serial");
  ASSERT_TRUE(Eventually([&] { return Field("pump-1", "certificate_serial") != first; }));
  EXPECT_TRUE(Eventually([&] { return Audited("certificate.superseded"); }));
  EXPECT_TRUE(Eventually([&] { return Says(device, "identity.promoted"); }));
  EXPECT_EQ(Field("pump-1", "liveness"), "LIVENESS_ONLINE");
  EXPECT_TRUE(device.Running());
}

TEST_F(IdentityTest, ADeviceThatWasDarkPastItsCertificateComesBackByItself) {
  Start(ShortLives());
  Device& device = Enrolled("pump-1");
  const std::string first = Field("pump-1", "certificate_serial");
  device.Stop();
  std::filesystem::remove(device.config_file().parent_path() / "token");
  const auto until = ParseUtcText(Field("pump-1", "certificate_expires_at"));
  ASSERT_TRUE(until.ok()) << until.status();
  ASSERT_TRUE(Eventually([&] { return OsClock().Now() > *until; }));
  ASSERT_TRUE(device.Start().ok());
  ASSERT_TRUE(Eventually([&] { return Says(device, "identity.promoted"); }));
  EXPECT_NE(Field("pump-1", "certificate_serial"), first);
}

TEST_F(IdentityTest, ARevokedCertificateEndsTheSessionAtOnce) {
  Start({});
  Device& device = Enrolled("pump-1");
  const std::string serial = Field("pump-1", "certificate_serial");
  ASSERT_TRUE(site_->Run({"device", "revoke", "--serial", serial, "--yes"}).ok());
  EXPECT_TRUE(Eventually([&] { return Says(device, "session.refused"); }));
  EXPECT_TRUE(Eventually([&] { return Field("pump-1", "liveness") != "LIVENESS_ONLINE"; }));
  EXPECT_TRUE(Audited("certificate.revoke"));
}

TEST_F(IdentityTest, TheCaIsRotatedUnderALivingFleet) {
  Start({});
  Device& device = Enrolled("pump-1");
  ASSERT_TRUE(site_->Run({"ca", "rotate", "--yes"}).ok());
  const auto list = [&] { return site_->Fleetctl({"ca", "list"}).out; };
  ASSERT_TRUE(Eventually([&] { return list().find("issues") != std::string::npos; }));
  const auto old_line = [&] {
    const std::string text = list();
    const std::size_t at = text.find("trusted");
    return at == std::string::npos ? std::string() : text.substr(text.rfind('\n', at) + 1);
  };
  ASSERT_TRUE(Eventually([&] { return !old_line().empty(); }));
  const std::string old_ca = old_line().substr(0, 64);
  const CommandResult early = site_->Fleetctl({"ca", "retire", old_ca, "--force", "--yes"});
  EXPECT_NE(early.err.find("your own certificate"), std::string::npos) << early.out << early.err;
  // The operator's own certificate is made anew on the controller's machine.
  ASSERT_EQ(RunCommand({Program("flotilla-controller"), "init", "--config",
                        (site_->folder() / "controller.yaml").string()},
                       {})
                .exit_code,
            0);
  // The device renews when the controller asks it to; until then the old CA cannot go.
  ASSERT_TRUE(Eventually([&] { return Says(device, "identity.promoted"); })) << list();
  ASSERT_TRUE(Eventually([&] { return site_->Run({"ca", "retire", old_ca, "--yes"}).ok(); }));
  EXPECT_TRUE(Eventually([&] { return list().find("retired") != std::string::npos; })) << list();
  EXPECT_TRUE(Eventually([&] { return Field("pump-1", "liveness") == "LIVENESS_ONLINE"; }));
}

TEST_F(IdentityTest, ATokenIsGoodForItsSerialsAlone) {
  Start({});
  const auto file = site_->folder() / "serials.txt";
  std::ofstream(file) << "# board serials\nSN-1\n";
  const auto token = site_->CreateToken(
      {"--uses", "2", "--serials", file.string(), "--site", "plant-4", "--expires", "1h"});
  ASSERT_TRUE(token.ok()) << token.status();
  Device* other = site_->AddBareDevice("pump-2");
  site_->WriteAgentConfig(*other, *token, "serial: SN-2\n");
  ASSERT_TRUE(other->Start().ok());
  EXPECT_TRUE(Eventually([&] { return Says(*other, "is not for the serial number"); }));
  Device* right = site_->AddBareDevice("pump-1");
  site_->WriteAgentConfig(*right, *token, "serial: SN-1\n");
  ASSERT_TRUE(right->Start().ok());
  ASSERT_TRUE(Eventually([&] { return Field("pump-1", "labels/site") == "plant-4"; }));
}

TEST_F(IdentityTest, ADeviceWithoutATokenWaitsForAPerson) {
  Start(ShortLives());
  Device* device = site_->AddBareDevice("pump-1");
  std::filesystem::create_directories(device->state_dir() / "identity");
  std::filesystem::copy_file(site_->state_dir() / "ca/ca.crt",
                             device->state_dir() / "identity/ca.crt");
  site_->WriteAgentConfig(*device, "", "serial: SN-9\n");
  ASSERT_TRUE(device->Start().ok());
  std::string request;
  ASSERT_TRUE(Eventually([&] {
    const auto waiting = site_->Json({"enroll", "csr", "list"});
    request = waiting.ok() ? TextAt(*waiting, "/requests/0/id") : "";
    return !request.empty();
  }));
  ASSERT_TRUE(site_->Run({"enroll", "csr", "approve", request, "--label", "ring=lab"}).ok());
  EXPECT_TRUE(Eventually([&] { return Field("pump-1", "labels/ring") == "lab"; }));
}

TEST_F(IdentityTest, ADecommissionedDeviceWipesItsKeysAndStops) {
  Start({});
  Device& device = Enrolled("pump-1");
  ASSERT_TRUE(site_->Run({"device", "decommission", "pump-1", "--wipe-models", "--yes"}).ok());
  EXPECT_TRUE(Eventually([&] { return Flag("pump-1", "decommission_done"); }));
  EXPECT_TRUE(Eventually([&] { return !device.Running(); }));
  EXPECT_FALSE(std::filesystem::exists(device.state_dir() / "identity/device.pem"));
  EXPECT_FALSE(std::filesystem::exists(device.state_dir() / "store"));
}

TEST_F(IdentityTest, ACopyOnAnotherBoardEnrolsByItselfOrSaysWhy) {
  Start({});
  Device& device = Enrolled("pump-1");
  device.Stop();
  Device* copy = site_->AddBareDevice("copy");
  std::filesystem::copy(device.state_dir(), copy->state_dir(),
                        std::filesystem::copy_options::recursive);
  // What another board differs in.
  std::ofstream(copy->state_dir() / "identity/install_id") << "another board\n";
  site_->WriteAgentConfig(*copy, "");
  ASSERT_TRUE(copy->Start().ok());
  EXPECT_TRUE(Eventually([&] { return Says(*copy, "identity.of_another_machine"); }));
  EXPECT_TRUE(Eventually([&] { return !copy->Running(); }));
  EXPECT_FALSE(std::filesystem::exists(copy->state_dir() / "identity/device.pem"));
  // Nobody was locked out by it.
  ASSERT_TRUE(device.Start().ok());
  EXPECT_TRUE(Eventually([&] { return Field("pump-1", "liveness") == "LIVENESS_ONLINE"; }));
}

TEST_F(IdentityTest, TwoMachinesWithOneIdentityAreNamedAndNotServed) {
  Start({});
  Device& device = Enrolled("pump-1");
  device.Stop();
  // A copy that hides where it came from.
  std::ofstream(device.state_dir() / "identity/install_id") << "another board\n";
  std::filesystem::remove(device.state_dir() / "identity/fingerprint");
  ASSERT_TRUE(device.Start().ok());
  EXPECT_TRUE(Eventually([&] { return Flag("pump-1", "clone_suspected"); }));
  EXPECT_NE(site_->Why("pump-1").find("CONTROL_CLONED_IDENTITY"), std::string::npos);
  EXPECT_TRUE(Audited("device.clone_suspected"));
}

}  // namespace
}  // namespace flotilla::e2e

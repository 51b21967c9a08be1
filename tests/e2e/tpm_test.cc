// A device whose TLS key lives in a TPM, through the real programs.

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"
#include "tests/support/soft_tpm.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

class DeviceInTpm : public FleetTest {
 protected:
  static void UseTpm(const Device& device, const SoftTpm& tpm) {
    std::ofstream(device.config_file(), std::ios::app)
        << "device_key: \"tpm2:" << tpm.tcti() << "\"\n";
  }
  SoftTpm tpm_;
};

TEST_F(DeviceInTpm, EnrolsReportsAndUpdatesWithAKeyThatNeverLeavesIt) {
  Must(tpm_.Start());
  Device* device = site_.AddDevice("pump-1").value();
  UseTpm(*device, tpm_);
  Must(device->Start());
  ASSERT_TRUE(Eventually([&] {
    return site_.Run({"device", "get", "pump-1"}).ok();
  })) << device->Log();
  // The controller knows of it a moment before it has put its identity on its disk.
  EXPECT_TRUE(Eventually([&] {
    return FileText(device->state_dir() / "identity/device.pem")
        .starts_with("-----BEGIN TSS2 PRIVATE KEY-----");
  })) << device->Log();
  // Metadata and model come over libcurl, the reports over gRPC, both with the key in the TPM.
  Must(site_.Push("1.0.0", kModelV1, 40));
  Must(site_.RollOut("1.0.0", {{"all", 0}}));
  ASSERT_TRUE(Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }))
      << site_.RolloutState("1.0.0") << device->Log();
  EXPECT_EQ(site_.Runs("pump-1"), "1.0.0");

  // The TPM is gone at a start: the model serves, and the session comes back with the TPM.
  device->Stop();
  tpm_.Stop();
  Must(device->Start());
  EXPECT_TRUE(Eventually([&] { return !device->Ask(kLine, kQuestion).empty(); })) << device->Log();
  EXPECT_NE(device->Log().find("device_key.unusable"), std::string::npos) << device->Log();
  const std::size_t before = device->Log().size();
  Must(tpm_.Start());
  EXPECT_TRUE(Eventually([&] {
    return device->Log().find("session.up", before) != std::string::npos;
  })) << device->Log();

  // A copy of what it keeps on its disk, beside another TPM.
  device->Stop();
  SoftTpm other;
  Must(other.Start());
  Device* copy = site_.AddDevice("pump-2").value();
  fs::remove_all(copy->state_dir());
  fs::create_directories(copy->state_dir());
  for (const char* folder : {"identity", "tuf", "lines", "store"}) {
    if (fs::exists(device->state_dir() / folder)) {
      fs::copy(device->state_dir() / folder, copy->state_dir() / folder,
               fs::copy_options::recursive);
    }
  }
  UseTpm(*copy, other);
  Must(copy->Start());
  EXPECT_TRUE(Eventually([&] { return !copy->Running(); }, absl::Seconds(20)));
  EXPECT_NE(copy->Log().find("belongs to another TPM"), std::string::npos) << copy->Log();
}

TEST_F(DeviceInTpm, SaysWhenThereIsNoTpm) {
  SoftTpm absent;  // never started
  Device* device = site_.AddDevice("pump-1").value();
  UseTpm(*device, absent);
  Must(device->Start());
  EXPECT_TRUE(Eventually([&] { return !device->Running(); }, absl::Seconds(20)));
  EXPECT_NE(device->Log().find("no TPM answers"), std::string::npos) << device->Log();
}

}  // namespace
}  // namespace flotilla::e2e

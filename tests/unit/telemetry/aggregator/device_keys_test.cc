#include "telemetry/aggregator/device_keys.h"

#include <string>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "security/key_file.h"
#include "telemetry/dap/device_signature.h"

namespace flotilla::telemetry {
namespace {

// The key of RFC 8410 section 10.1.
constexpr char kRfcKey[] = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

std::string RfcPem() {
  return absl::StrCat("-----BEGIN PUBLIC KEY-----\n", kRfcKey, "\n-----END PUBLIC KEY-----\n");
}

TEST(DeviceKeys, ALineIsReadAndWrittenBack) {
  const DeviceKey device = *ParseDeviceLine(std::string(kRfcKey) + "   pump 7, ward B \r");
  EXPECT_EQ(device.label, "pump 7, ward B");
  EXPECT_EQ(device.Line(), std::string(kRfcKey) + " pump 7, ward B");
  EXPECT_EQ(*ParseDeviceLine(device.Line()), device);
  EXPECT_EQ(ParseDeviceLine(kRfcKey)->Line(), kRfcKey);
}

TEST(DeviceKeys, TheKeyAndItsIdAreThoseThatReportsAreSignedWith) {
  const auto pair = *security::GenerateEd25519();
  const DeviceKey device = ParseDeviceKeys(pair->public_key().ToPem(), "pump")->front();
  EXPECT_EQ(*device.Key(), pair->public_key());
  EXPECT_EQ(device.Id(), dap::KeyIdOf(pair->public_key()));
  EXPECT_TRUE(device.Key()->Verify(AsBytes("report"), *pair->Sign(AsBytes("report"))).ok());
}

TEST(DeviceKeys, PemKeysAreTakenOneAfterAnother) {
  const auto pair = *security::GenerateEd25519();
  const auto devices =
      *ParseDeviceKeys("from the line\n" + RfcPem() + pair->public_key().ToPem(), "x");
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].Line(), std::string(kRfcKey) + " x");
  EXPECT_EQ(devices[1].Id(), dap::KeyIdOf(pair->public_key()));
}

TEST(DeviceKeys, LinesForPeopleAreNoDevices) {
  const std::string text = "# devices of ward B\n\n  \t\n" + std::string(kRfcKey) + " a\n#end";
  const auto devices = *ParseDeviceLines(text);
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0].label, "a");
  EXPECT_TRUE(ParseDeviceLines("")->empty());
}

TEST(DeviceKeys, AMistakeNamesItsLine) {
  const std::string good = std::string(kRfcKey) + "\n";
  const Status status = ParseDeviceLines(good + "# x\nnot a key\n" + good).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(status).rfind("line 3: ", 0), 0U) << status;
}

TEST(DeviceKeys, OtherKeysAndBrokenOnesAreRefused) {
  const std::string key = kRfcKey;
  for (const std::string& line :
       {key.substr(1), key + "=", key.substr(0, 59), "NCow" + key.substr(4), "-_ow" + key.substr(4),
        key.substr(0, 58) + "F=", key + " \x01", key + " \xc3\xa4",
        key + " " + std::string(kMaxLabelBytes + 1, 'x')}) {
    EXPECT_EQ(ParseDeviceLine(line).status().code(), StatusCode::kInvalidArgument) << line;
  }
  const auto p256 = *security::KeyPair::Generate(security::KeyKind::kEcdsaP256);
  EXPECT_FALSE(ParseDeviceKeys(p256->public_key().ToPem(), "").ok());
  EXPECT_FALSE(ParseDeviceKeys("-----BEGIN PUBLIC KEY-----\nMCow", "").ok());
  EXPECT_FALSE(ParseDeviceKeys("# nothing\n", "").ok());
  EXPECT_FALSE(ParseDeviceKeys(RfcPem(), "two\nlines").ok());
}

}  // namespace
}  // namespace flotilla::telemetry

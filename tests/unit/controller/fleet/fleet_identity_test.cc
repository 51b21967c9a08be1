// Certificates, decommission and clones as the fleet sees them.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "controller/fleet/decommission_label.h"
#include "security/sha256.h"
#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

Digest KeyOf(const std::string& name) {
  return security::Sha256(AsBytes(name));
}

class FleetIdentity : public testing::Test {
 protected:
  FleetIdentity() { world_.Enrol("d1"); }

  // The device holds one more certificate, its newest.
  void Give(const std::string& serial, const std::string& key) {
    StoredDevice device = *world_.fleet->state().FindStored("d1");
    device.record.set_certificate_serial(serial);
    device.public_key = KeyOf(key);
    FleetChange change;
    change.certificates.push_back({serial, "d1", KeyOf("ca"), KeyOf(key), world_.loop->Now(),
                                   world_.loop->Now() + absl::Hours(24)});
    change.devices.push_back(std::move(device));
    world_.fleet->Apply(std::move(change), nullptr);
    world_.Settle();
  }
  std::shared_ptr<FakeDeviceSession> ConnectWith(const std::string& serial,
                                                 const std::string& key) {
    auto session = std::make_shared<FakeDeviceSession>();
    world_.fleet->sessions().OnHello(
        {"d1", serial, world_.loop->Now() + absl::Hours(24), KeyOf(key)}, session,
        FleetWorld::HelloOf("d1"));
    world_.Settle();
    return session;
  }
  bool Revoked(const std::string& serial) { return world_.fleet->revocations().Contains(serial); }

  FleetWorld world_;
};

TEST_F(FleetIdentity, TheOldCertificateIsGoodUntilTheNewOneOpensASession) {
  Give("aa", "key");
  Give("bb", "key");
  EXPECT_TRUE(ConnectWith("aa", "key")->open());
  EXPECT_FALSE(Revoked("aa"));
  const auto renewed = ConnectWith("bb", "key");
  EXPECT_TRUE(renewed->open());
  EXPECT_TRUE(Revoked("aa"));
  EXPECT_FALSE(Revoked("bb"));
  const auto late = ConnectWith("aa", "key");
  ASSERT_TRUE(late->closed.has_value());
  EXPECT_EQ(ReasonNumber(*late->closed), v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  EXPECT_TRUE(renewed->open());
}

TEST_F(FleetIdentity, ASupersededCertificateFetchesForAWhileARevokedOneDoesNot) {
  Give("aa", "key");
  Give("bb", "key");
  ConnectWith("bb", "key");
  const RevocationSet& revocations = world_.fleet->revocations();
  EXPECT_FALSE(revocations.RefusesFetch("aa", world_.loop->Monotonic()));
  EXPECT_TRUE(revocations.RefusesFetch("aa", world_.loop->Monotonic() + absl::Hours(2)));
  world_.fleet->RevokeCertificate("bb", "stolen", "operator:alice", [](const auto&) {});
  world_.Settle();
  EXPECT_TRUE(revocations.RefusesFetch("bb", world_.loop->Monotonic()));
}

TEST_F(FleetIdentity, RevokingASerialEndsItsSessionAtOnceAndLeavesTheDevice) {
  Give("aa", "key");
  const auto session = ConnectWith("aa", "key");
  StatusOr<v1::RevokeCertificateResponse> answer = Unavailable("none");
  world_.fleet->RevokeCertificate("aa", "", "operator:alice",
                                  [&](const auto& given) { answer = given; });
  ASSERT_TRUE(session->closed.has_value());
  EXPECT_EQ(session->closed->code(), StatusCode::kUnauthenticated);
  world_.Settle();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->device().id(), "d1");
  EXPECT_FALSE(world_.Device("d1").revoked());
}

TEST_F(FleetIdentity, ACertificateThatWasNotIssuedHereIsRefused) {
  Give("aa", "key");
  const auto forged = ConnectWith("ff", "another key");
  ASSERT_TRUE(forged->closed.has_value());
  EXPECT_EQ(ReasonNumber(*forged->closed), v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  // A database from a backup does not know the serial, but the key.
  EXPECT_TRUE(ConnectWith("ee", "key")->open());
}

TEST_F(FleetIdentity, ADeviceUnderAnOldCaIsAskedToRenew) {
  world_.fleet->SetAuthorities("bundle", KeyOf("next ca"));
  Give("aa", "key");
  const auto session = ConnectWith("aa", "key");
  ASSERT_EQ(session->orders.size(), 1U);
  EXPECT_TRUE(session->orders[0].has_renew_identity());
  ASSERT_EQ(session->welcomes.size(), 1U);
  EXPECT_EQ(session->welcomes[0].ca_bundle_pem(), "bundle");
}

TEST_F(FleetIdentity, ADecommissionIsToldNowConfirmedAndThenNothingOpens) {
  Give("aa", "key");
  const auto session = ConnectWith("aa", "key");
  v1::DecommissionDeviceRequest request;
  request.set_device_id("d1");
  request.set_wipe_models(true);
  world_.fleet->DecommissionDevice(request, "operator:alice", [](const auto&) {});
  world_.Settle();
  ASSERT_EQ(session->orders.size(), 1U);
  EXPECT_TRUE(session->orders[0].decommission().wipe_models());
  EXPECT_FALSE(world_.Device("d1").decommission_done());
  world_.fleet->sessions().OnDecommissionDone("d1", session.get());
  world_.Settle();
  EXPECT_TRUE(world_.Device("d1").decommission_done());
  EXPECT_TRUE(Revoked("aa"));
  EXPECT_FALSE(session->open());
  EXPECT_FALSE(ConnectWith("aa", "key")->open());
}

TEST_F(FleetIdentity, ADecommissionWaitsForADeviceThatIsAway) {
  Give("aa", "key");
  v1::DecommissionDeviceRequest request;
  request.set_device_id("d1");
  world_.fleet->DecommissionDevice(request, "operator:alice", [](const auto&) {});
  world_.Settle();
  const auto session = ConnectWith("aa", "key");
  ASSERT_EQ(session->orders.size(), 1U);
  EXPECT_TRUE(session->orders[0].has_decommission());
}

}  // namespace
}  // namespace flotilla::controller

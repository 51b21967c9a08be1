#include "controller/expiry/expiry_list.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/fleet/proto_time.h"

namespace flotilla::controller {
namespace {

const Time kNow = absl::FromUnixSeconds(1'767'225'600);
constexpr Duration kDay = absl::Hours(24);

void AddDevice(FleetState& fleet, const std::string& id, Duration left) {
  FleetChange change;
  StoredDevice& device = change.devices.emplace_back();
  device.record.set_id(id);
  *device.record.mutable_certificate_expires_at() = ToProto(kNow + left);
  fleet.Take(change);
}

void AddOperator(FleetState& fleet, const std::string& name, const std::string& serial,
                 Duration left) {
  FleetChange change;
  v1::Operator& record = change.operators.emplace_back();
  record.set_name(name);
  record.set_certificate_serial(serial);
  *record.mutable_expires_at() = ToProto(kNow + left);
  fleet.Take(change);
}

std::vector<std::string> Names(const v1::ListExpiryResponse& list) {
  std::vector<std::string> names;
  for (const v1::Expiry& item : list.items()) {
    names.push_back(ExpiryKindName(item.kind()) + " " + item.name());
  }
  return names;
}

TEST(ExpiryList, HoldsEveryKindSoonestFirst) {
  FleetState fleet;
  AddDevice(fleet, "pump-01", 20 * kDay);
  AddOperator(fleet, "alice", "01", 5 * kDay);
  FleetChange change;
  StoredToken& token = change.tokens.emplace_back();
  token.token.set_id("ab12");
  token.token.set_max_uses(1);
  *token.token.mutable_expires_at() = ToProto(kNow + absl::Hours(2));
  fleet.Take(change);
  const auto list =
      MakeExpiryList({{"root", kNow + 300 * kDay}, {"targets", kNow + 100 * kDay}},
                     {{v1::EXPIRY_KIND_CA, "ca", kNow + 3000 * kDay},
                      {v1::EXPIRY_KIND_SERVER_CERTIFICATE, "controller", kNow + 200 * kDay}},
                     fleet, kNow);
  EXPECT_EQ(Names(list),
            (std::vector<std::string>{"token ab12", "operator alice", "device pump-01",
                                      "role targets", "server controller", "role root", "ca ca"}));
  EXPECT_EQ(Names(EndingWithin(list, 20 * kDay, kNow)),
            (std::vector<std::string>{"token ab12", "operator alice", "device pump-01"}));
}

TEST(ExpiryList, CountsDevicesInBandsAndNamesTheSoonestHundred) {
  FleetState fleet;
  for (int i = 0; i < 150; ++i) {
    AddDevice(fleet, "pump-" + std::to_string(1000 + i), (i + 1) * absl::Hours(6));
  }
  const auto list = MakeExpiryList({}, {}, fleet, kNow);
  EXPECT_EQ(list.items_size(), 100);
  EXPECT_EQ(list.items(0).name(), "pump-1000");
  EXPECT_EQ(list.devices_in_3_days(), 12U);
  EXPECT_EQ(list.devices_in_14_days(), 56U);
  EXPECT_EQ(list.devices_in_30_days(), 120U);
}

TEST(ExpiryList, LeavesOutWhatCountsNoMore) {
  FleetState fleet;
  AddOperator(fleet, "alice", "01", 5 * kDay);
  AddOperator(fleet, "alice", "02", 50 * kDay);
  AddOperator(fleet, "bob", "03", 5 * kDay);
  FleetChange change;
  change.revocations.push_back({"03", "operator:bob", kNow});
  StoredDevice& gone = change.devices.emplace_back();
  gone.record.set_id("gone");
  gone.record.set_revoked(true);
  *gone.record.mutable_certificate_expires_at() = ToProto(kNow);
  fleet.Take(change);
  const auto list = MakeExpiryList({}, {}, fleet, kNow);
  ASSERT_EQ(Names(list), (std::vector<std::string>{"operator alice"}));
  EXPECT_EQ(FromProto(list.items(0).expires_at()), kNow + 50 * kDay) << "her newer certificate";
  EXPECT_EQ(list.devices_in_30_days(), 0U);
}

TEST(ExpiryList, AsksAPersonOnlyWhereNothingHappensByItself) {
  FleetState fleet;
  AddDevice(fleet, "fresh", 10 * kDay);
  AddDevice(fleet, "stuck", 2 * kDay);
  const auto list = MakeExpiryList({{"timestamp", kNow + 2 * kDay, 3 * kDay},
                                    {"snapshot", kNow + 3 * kDay, 14 * kDay},
                                    {"targets", kNow + 100 * kDay}},
                                   {}, fleet, kNow);
  for (const v1::Expiry& item : list.items()) {
    const bool asks =
        item.name() == "stuck" || item.name() == "snapshot" || item.name() == "targets";
    EXPECT_EQ(!item.next_step().empty(), asks) << item.name() << ": " << item.next_step();
  }
}

TEST(ExpiryList, HasBandsOf30And14And3Days) {
  EXPECT_EQ(ExpiryBandOf(-kDay), 3);
  EXPECT_EQ(ExpiryBandOf(3 * kDay), 3);
  EXPECT_EQ(ExpiryBandOf(3 * kDay + absl::Seconds(1)), 14);
  EXPECT_EQ(ExpiryBandOf(14 * kDay), 14);
  EXPECT_EQ(ExpiryBandOf(30 * kDay), 30);
  EXPECT_EQ(ExpiryBandOf(30 * kDay + absl::Seconds(1)), 0);
}

}  // namespace
}  // namespace flotilla::controller

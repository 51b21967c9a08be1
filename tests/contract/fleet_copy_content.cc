#include "tests/contract/fleet_copy_content.h"

#include <cstddef>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "controller/storage/open_fleet_store.h"

namespace flotilla::controller {
namespace {

// More rows than a page, in every table, with bytes that text would not survive.
FleetChange Content() {
  FleetChange change;
  for (int i = 0; i < 2500; ++i) {
    StoredDevice& device = change.devices.emplace_back();
    device.record.set_id(absl::StrCat("pump-", i));
    device.record.set_machine_fingerprint(std::string("\0\xff'\\x\n", 6));
    device.boot_epoch = 0xffffffffffff0000U + static_cast<std::uint64_t>(i);
    StoredReport& report = change.reports.emplace_back();
    report.device_id = absl::StrCat("pump-", i % 7);
    report.report.set_boot_epoch(1);
    report.report.set_seq(static_cast<std::uint64_t>(i) + 1);
    report.received_at = absl::FromUnixSeconds(1'767'225'600 + i);
  }
  change.rollouts.emplace_back().set_id("r1");
  v1::RolloutDevice& member = change.rollout_devices.emplace_back();
  member.set_rollout_id("r1");
  member.set_device_id("pump-1");
  change.baselines.push_back({"pump", {}, "all", "r1"});
  change.releases.emplace_back().mutable_ref()->set_line("pump");
  change.tokens.emplace_back().token.set_id("t1");
  change.certificates.push_back({"5e", "pump-1", {}, {}, absl::FromUnixSeconds(1), {}});
  change.revocations.push_back({"5f", "device:pump-2", absl::FromUnixSeconds(2)});
  change.operators.emplace_back().set_certificate_serial("0a");
  for (std::uint64_t seq = 1; seq <= 1001; ++seq) {
    change.audit.emplace_back().set_seq(seq);
  }
  return change;
}

}  // namespace

std::unique_ptr<FleetStore> OpenPlace(const StorePlace& place) {
  constexpr int kTries = 1'000'000;
  for (int i = 0; i < kTries; ++i) {
    auto opened = OpenFleetStore(place.address, place.file);
    if (opened.status().code() != StatusCode::kUnavailable) {
      EXPECT_TRUE(opened.ok()) << opened.status();
      return opened.ok() ? *std::move(opened) : nullptr;
    }
  }
  ADD_FAILURE() << "the database stays with its owner before";
  return nullptr;
}

void FillFleet(const StorePlace& place) {
  const auto store = OpenPlace(place);
  ASSERT_NE(store, nullptr);
  ASSERT_TRUE(store->Commit(Content()).ok());
}

void ExpectSameFleet(const StorePlace& one, const StorePlace& other) {
  const auto first = OpenPlace(one);
  const auto second = OpenPlace(other);
  const FleetSnapshot a = *first->Load();
  const FleetSnapshot b = *second->Load();
  EXPECT_EQ(a.site_id, b.site_id);
  EXPECT_EQ(a.last_audit_seq, b.last_audit_seq);
  ASSERT_EQ(a.devices.size(), 2500U);
  ASSERT_EQ(b.devices.size(), 2500U);
  for (std::size_t i = 0; i < a.devices.size(); ++i) {
    EXPECT_EQ(a.devices[i].record.SerializeAsString(), b.devices[i].record.SerializeAsString());
    EXPECT_EQ(a.devices[i].boot_epoch, b.devices[i].boot_epoch);
  }
  EXPECT_EQ(b.rollouts.size(), 1U);
  EXPECT_EQ(b.rollout_devices.size(), 1U);
  EXPECT_EQ(b.baselines.size(), 1U);
  EXPECT_EQ(b.releases.size(), 1U);
  EXPECT_EQ(b.tokens.size(), 1U);
  EXPECT_EQ(b.certificates.size(), 1U);
  EXPECT_EQ(b.revocations.size(), 1U);
  EXPECT_EQ(b.operators.size(), 1U);
  EXPECT_EQ(first->RecentReports("pump-3", 5000)->size(), 357U);
  EXPECT_EQ(second->RecentReports("pump-3", 5000)->size(), 357U);
  EXPECT_EQ(second->LastReportSeq("pump-3", 1).value(), first->LastReportSeq("pump-3", 1).value());
}

}  // namespace flotilla::controller

#include "tests/contract/fleet_store_contract.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "controller/storage/fleet_store.h"
#include "security/sha256.h"

namespace flotilla::controller {
namespace {

StoredDevice MakeDevice(const std::string& id) {
  StoredDevice device;
  device.record.set_id(id);
  return device;
}

StoredReport MakeReport(const std::string& id, std::uint64_t boot_epoch, std::uint64_t seq) {
  StoredReport report;
  report.device_id = id;
  report.report.set_boot_epoch(boot_epoch);
  report.report.set_seq(seq);
  report.received_at = FromUnixMillis(1'700'000'000'000 + static_cast<std::int64_t>(seq));
  return report;
}

TEST_P(FleetStoreContract, KeepsCertificatesUntilTheyAreRevoked) {
  HeldCertificate held;
  held.serial_hex = "00ab";
  held.device_id = "pump-1";
  held.authority = security::Sha256(AsBytes("ca"));
  held.public_key = security::Sha256(AsBytes("key"));
  held.issued_at = absl::FromUnixSeconds(1'700'000'000);
  held.not_after = absl::FromUnixSeconds(1'705'000'000);
  HeldCertificate other = held;
  other.serial_hex = "00cd";
  FleetChange change;
  change.certificates = {held, other};
  ASSERT_TRUE(store().Commit(change).ok());
  FleetChange revoking;
  revoking.revocations.push_back({"00cd", "device:pump-1", held.issued_at});
  ASSERT_TRUE(store().Commit(revoking).ok());
  const FleetSnapshot loaded = LoadAgain();
  ASSERT_EQ(loaded.certificates.size(), 1U);
  const HeldCertificate& read = loaded.certificates.front();
  EXPECT_EQ(read.serial_hex, held.serial_hex);
  EXPECT_EQ(read.device_id, held.device_id);
  EXPECT_EQ(read.authority, held.authority);
  EXPECT_EQ(read.public_key, held.public_key);
  EXPECT_EQ(read.issued_at, held.issued_at);
  EXPECT_EQ(read.not_after, held.not_after);
}

TEST_P(FleetStoreContract, StartsEmpty) {
  const FleetSnapshot snapshot = LoadAgain();
  EXPECT_TRUE(snapshot.devices.empty());
  EXPECT_TRUE(snapshot.rollouts.empty());
  EXPECT_EQ(snapshot.last_audit_seq, 0U);
}

TEST_P(FleetStoreContract, KeepsEveryFieldOfADevice) {
  FleetChange change;
  StoredDevice device = MakeDevice("pump-01");
  device.record.set_desired_generation(7);
  (*device.record.mutable_labels())["ring"] = "lab";
  device.boot_epoch = 0xffff'ffff'ffff'fff0U;
  device.report_seq = 42;
  device.session_epoch = 9;
  device.desired_digest = security::Sha256(AsBytes("desired"));
  device.public_key = security::Sha256(AsBytes("key"));
  device.certificate_issued_at = FromUnixMillis(1'700'000'000'123);
  device.token_id = "ab12";
  change.devices.push_back(device);
  ASSERT_EQ(store().Commit(change), OkStatus());

  const FleetSnapshot snapshot = LoadAgain();
  ASSERT_EQ(snapshot.devices.size(), 1U);
  const StoredDevice& read = snapshot.devices.front();
  EXPECT_EQ(read.record.SerializeAsString(), device.record.SerializeAsString());
  EXPECT_EQ(read.boot_epoch, device.boot_epoch);
  EXPECT_EQ(read.report_seq, 42U);
  EXPECT_EQ(read.session_epoch, 9U);
  EXPECT_EQ(read.desired_digest, device.desired_digest);
  EXPECT_EQ(read.public_key, device.public_key);
  EXPECT_EQ(read.certificate_issued_at, device.certificate_issued_at);
  EXPECT_EQ(read.token_id, "ab12");
}

TEST_P(FleetStoreContract, ReplacesRowsOfTheSameKeyTheLastOneWins) {
  FleetChange change;
  for (const std::uint64_t generation : {1U, 2U, 3U}) {
    StoredDevice device = MakeDevice("pump-01");
    device.record.set_desired_generation(generation);
    // The last body is the shortest: no tail of a longer one may stay behind it.
    device.record.set_agent_version(std::string(300 - 100 * generation, 'x'));
    change.devices.push_back(device);
  }
  ASSERT_EQ(store().Commit(change), OkStatus());
  const FleetSnapshot snapshot = LoadAgain();
  ASSERT_EQ(snapshot.devices.size(), 1U);
  EXPECT_EQ(snapshot.devices.front().record.desired_generation(), 3U);
  EXPECT_TRUE(snapshot.devices.front().record.agent_version().empty());
}

TEST_P(FleetStoreContract, KeepsRolloutsBaselinesReleasesTokensAndRevocations) {
  FleetChange change;
  v1::Rollout rollout;
  rollout.set_id("pump-2");
  rollout.set_cusum(1.5);
  change.rollouts.push_back(rollout);
  v1::RolloutDevice member;
  member.set_rollout_id("pump-2");
  member.set_device_id("pump-01");
  change.rollout_devices.push_back(member);
  rollout::LineBaseline baseline;
  baseline.line = "pump";
  baseline.release.set_version("2.0.0");
  baseline.selector = "ring=lab";
  baseline.rollout_id = "pump-2";
  change.baselines.push_back(baseline);
  v1::Release release;
  release.mutable_ref()->set_line("pump");
  release.mutable_ref()->set_version("2.0.0");
  change.releases.push_back(release);
  StoredToken token;
  token.token.set_id("ab12");
  token.secret_sha256 = security::Sha256(AsBytes("secret"));
  change.tokens.push_back(token);
  change.revocations.push_back(Revocation{"0a0b", "device:pump-01", FromUnixMillis(5000)});
  ASSERT_EQ(store().Commit(change), OkStatus());

  const FleetSnapshot snapshot = LoadAgain();
  ASSERT_EQ(snapshot.rollouts.size(), 1U);
  EXPECT_EQ(snapshot.rollouts[0].cusum(), 1.5);
  ASSERT_EQ(snapshot.rollout_devices.size(), 1U);
  EXPECT_EQ(snapshot.rollout_devices[0].device_id(), "pump-01");
  ASSERT_EQ(snapshot.baselines.size(), 1U);
  EXPECT_EQ(snapshot.baselines[0].line, "pump");
  EXPECT_EQ(snapshot.baselines[0].release.version(), "2.0.0");
  EXPECT_EQ(snapshot.baselines[0].selector, "ring=lab");
  EXPECT_EQ(snapshot.baselines[0].rollout_id, "pump-2");
  ASSERT_EQ(snapshot.releases.size(), 1U);
  ASSERT_EQ(snapshot.tokens.size(), 1U);
  EXPECT_EQ(snapshot.tokens[0].secret_sha256, token.secret_sha256);
  ASSERT_EQ(snapshot.revocations.size(), 1U);
  EXPECT_EQ(snapshot.revocations[0].serial_hex, "0a0b");
  EXPECT_EQ(snapshot.revocations[0].subject, "device:pump-01");
  EXPECT_EQ(snapshot.revocations[0].revoked_at, FromUnixMillis(5000));
}

TEST_P(FleetStoreContract, KeepsABaselineThatWasTakenAway) {
  FleetChange change;
  rollout::LineBaseline baseline;
  baseline.line = "pump";
  change.baselines.push_back(baseline);
  ASSERT_EQ(store().Commit(change), OkStatus());
  const FleetSnapshot snapshot = LoadAgain();
  ASSERT_EQ(snapshot.baselines.size(), 1U);
  EXPECT_TRUE(snapshot.baselines[0].release.version().empty());
}

TEST_P(FleetStoreContract, KeepsTheFirstOfTwoReportsWithOneKey) {
  FleetChange first;
  first.reports.push_back(MakeReport("pump-01", 5, 1));
  first.reports.back().report.set_variant("first");
  FleetChange again;
  again.reports.push_back(MakeReport("pump-01", 5, 1));
  again.reports.back().report.set_variant("second");
  ASSERT_EQ(store().Commit(first), OkStatus());
  ASSERT_EQ(store().Commit(again), OkStatus());
  const auto reports = store().RecentReports("pump-01", 10);
  ASSERT_TRUE(reports.ok());
  ASSERT_EQ(reports->size(), 1U);
  EXPECT_EQ(reports->front().report.variant(), "first");
}

TEST_P(FleetStoreContract, TellsHowFarEachOutboxCame) {
  FleetChange change;
  change.reports.push_back(MakeReport("pump-01", 5, 1));
  change.reports.push_back(MakeReport("pump-01", 5, 2));
  change.reports.push_back(MakeReport("pump-01", 0xffff'ffff'ffff'ffffU, 9));
  change.reports.push_back(MakeReport("pump-02", 5, 30));
  ASSERT_EQ(store().Commit(change), OkStatus());
  EXPECT_EQ(store().LastReportSeq("pump-01", 5).value_or(99), 2U);
  EXPECT_EQ(store().LastReportSeq("pump-01", 0xffff'ffff'ffff'ffffU).value_or(99), 9U);
  EXPECT_EQ(store().LastReportSeq("pump-01", 6).value_or(99), 0U);
}

TEST_P(FleetStoreContract, GivesTheNewestReportsOfOneDevice) {
  FleetChange change;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    change.reports.push_back(MakeReport("pump-01", 5, seq));
  }
  change.reports.push_back(MakeReport("pump-02", 5, 1));
  ASSERT_EQ(store().Commit(change), OkStatus());
  const auto reports = store().RecentReports("pump-01", 2);
  ASSERT_TRUE(reports.ok());
  ASSERT_EQ(reports->size(), 2U);
  EXPECT_EQ((*reports)[0].report.seq(), 5U);
  EXPECT_EQ((*reports)[1].report.seq(), 4U);
  EXPECT_EQ((*reports)[0].received_at, FromUnixMillis(1'700'000'000'005));
}

TEST_P(FleetStoreContract, PrunesOldReportsInBatchesButNeverTheNewestOfAnOutbox) {
  FleetChange change;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    change.reports.push_back(MakeReport("pump-01", 5, seq));
  }
  change.reports.push_back(MakeReport("pump-02", 5, 1));
  ASSERT_EQ(store().Commit(change), OkStatus());
  const Time all = FromUnixMillis(1'800'000'000'000);
  EXPECT_EQ(store().PruneReports(FromUnixMillis(1'700'000'000'002), 100).value_or(9), 1U);
  EXPECT_EQ(store().PruneReports(all, 2).value_or(9), 2U);
  ASSERT_EQ(store().RecentReports("pump-01", 9)->size(), 2U);
  EXPECT_EQ(store().RecentReports("pump-01", 9)->back().report.seq(), 4U);
  EXPECT_EQ(store().PruneReports(all, 100).value_or(9), 1U);
  EXPECT_EQ(store().PruneReports(all, 100).value_or(9), 0U);
  EXPECT_EQ(store().LastReportSeq("pump-01", 5).value_or(9), 5U);
  EXPECT_EQ(store().LastReportSeq("pump-02", 5).value_or(9), 1U);
}

TEST_P(FleetStoreContract, PagesTheAuditLogFromTheNewest) {
  FleetChange change;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    v1::AuditEntry entry;
    entry.set_seq(seq);
    entry.set_action("token.create");
    change.audit.push_back(entry);
  }
  ASSERT_EQ(store().Commit(change), OkStatus());
  EXPECT_EQ(LoadAgain().last_audit_seq, 5U);
  const auto newest = store().AuditPage(0, 2);
  ASSERT_TRUE(newest.ok());
  ASSERT_EQ(newest->size(), 2U);
  EXPECT_EQ((*newest)[0].seq(), 5U);
  const auto older = store().AuditPage(4, 10);
  ASSERT_TRUE(older.ok());
  ASSERT_EQ(older->size(), 3U);
  EXPECT_EQ((*older)[0].seq(), 3U);
}

TEST_P(FleetStoreContract, PagesTheAuditLogFromTheOldestToo) {
  FleetChange change;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    change.audit.emplace_back().set_seq(seq);
  }
  const std::string hash(32, 'h');
  change.audit.back().set_hash(hash);
  ASSERT_EQ(store().Commit(change), OkStatus());
  const auto page = store().AuditAfter(2, 2);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ((*page)[0].seq(), 3U);
  EXPECT_EQ((*page)[1].seq(), 4U);
  EXPECT_TRUE(store().AuditAfter(5, 2)->empty());
  EXPECT_EQ(ToText(LoadAgain().last_audit_hash.bytes()), hash);
}

TEST_P(FleetStoreContract, KeepsOperatorsAndTheIdOfTheSite) {
  FleetChange change;
  v1::Operator alice;
  alice.set_name("alice");
  alice.set_role(v1::OPERATOR_ROLE_VIEWER);
  alice.set_certificate_serial("0a0b");
  change.operators.push_back(alice);
  ASSERT_EQ(store().Commit(change), OkStatus());
  const std::string site = LoadAgain().site_id;
  EXPECT_FALSE(site.empty());
  alice.set_revoked(true);
  change.operators = {alice};
  ASSERT_EQ(store().Commit(change), OkStatus());
  const FleetSnapshot snapshot = LoadAgain();
  ASSERT_EQ(snapshot.operators.size(), 1U);
  EXPECT_EQ(snapshot.operators[0].SerializeAsString(), alice.SerializeAsString());
  EXPECT_EQ(snapshot.site_id, site);
}

TEST_P(FleetStoreContract, KeepsFreezesAndPinsAndThatTheyWereTakenAway) {
  v1::Policy freeze;
  freeze.mutable_freeze()->set_name("holidays");
  freeze.mutable_freeze()->set_selector("site=vienna");
  v1::Policy pin;
  pin.mutable_pin()->set_device_id("pump-1");
  pin.mutable_pin()->mutable_release()->set_line("pump");
  v1::Policy other = pin;
  other.mutable_pin()->mutable_release()->set_line("embedder");
  FleetChange change;
  change.policies = {freeze, pin, other};
  ASSERT_EQ(store().Commit(change), OkStatus());
  freeze.set_removed(true);
  pin.mutable_pin()->set_reason("reference");
  change.policies = {freeze, pin};
  ASSERT_EQ(store().Commit(change), OkStatus());
  const FleetSnapshot snapshot = LoadAgain();
  ASSERT_EQ(snapshot.policies.size(), 3U);  // by key: the freeze, then the pins by line
  EXPECT_EQ(snapshot.policies[0].SerializeAsString(), freeze.SerializeAsString());
  EXPECT_EQ(snapshot.policies[1].SerializeAsString(), other.SerializeAsString());
  EXPECT_EQ(snapshot.policies[2].SerializeAsString(), pin.SerializeAsString());
}

TEST_P(FleetStoreContract, CommitsAllOfAChangeOrNothing) {
  v1::AuditEntry entry;
  entry.set_seq(1);
  FleetChange first;
  first.audit.push_back(entry);
  ASSERT_EQ(store().Commit(first), OkStatus());

  FleetChange bad;
  bad.devices.push_back(MakeDevice("pump-01"));
  bad.audit.push_back(entry);  // the seq is taken: the last table refuses
  EXPECT_FALSE(store().Commit(bad).ok());
  EXPECT_TRUE(LoadAgain().devices.empty());
}

TEST_P(FleetStoreContract, KeepsKeysWithQuotesBackslashesBracesAndNull) {
  const std::vector<std::string> ids = {"",    "\"quoted\"", "NULL", "\\x41",
                                        "a'b", "{a,b}",      "\n",   "ü"};
  FleetChange change;
  for (const std::string& id : ids) {
    change.devices.push_back(MakeDevice(id));
    change.devices.back().token_id = id;
  }
  ASSERT_EQ(store().Commit(change), OkStatus());
  std::set<std::string> read;
  for (const StoredDevice& device : LoadAgain().devices) {
    EXPECT_EQ(device.token_id, device.record.id());
    read.insert(device.record.id());
  }
  EXPECT_EQ(read, std::set<std::string>(ids.begin(), ids.end()));
}

TEST_P(FleetStoreContract, TakesAChangeOfMoreRowsThanOneStatementHas) {
  constexpr int kDevices = 2500;
  FleetChange change;
  for (int i = kDevices; i > 0; --i) {
    change.devices.push_back(MakeDevice(absl::StrCat("pump-", i)));
    change.reports.push_back(MakeReport(absl::StrCat("pump-", i), 5, 1));
  }
  ASSERT_EQ(store().Commit(change), OkStatus());
  EXPECT_EQ(LoadAgain().devices.size(), static_cast<std::size_t>(kDevices));
  EXPECT_EQ(store().LastReportSeq("pump-2499", 5).value_or(0), 1U);
}

TEST_P(FleetStoreContract, KeepsACertificateOutThatIsRevokedInTheSameChange) {
  FleetChange change;
  HeldCertificate held;
  held.serial_hex = "00ab";
  change.certificates = {held};
  change.revocations.push_back({"00ab", "device:pump-1", FromUnixMillis(5000)});
  ASSERT_EQ(store().Commit(change), OkStatus());
  EXPECT_TRUE(LoadAgain().certificates.empty());
}

}  // namespace
}  // namespace flotilla::controller

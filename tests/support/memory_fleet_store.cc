#include "tests/support/memory_fleet_store.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "controller/rollout/policies.h"

namespace flotilla::controller {
namespace {

template <typename Map, typename Row>
void CopyValues(const Map& map, std::vector<Row>& rows) {
  for (const auto& [key, row] : map) {
    rows.push_back(row);
  }
}

}  // namespace

Status MemoryFleetStore::Commit(const FleetChange& change) {
  if (!fail_next_.ok()) {
    return std::exchange(fail_next_, OkStatus());
  }
  for (const auto& entry : change.audit) {
    if (audit_.contains(entry.seq())) {
      return Internal("audit seq used twice");
    }
  }
  for (const auto& row : change.devices) {
    devices_[row.record.id()] = row;
  }
  for (const auto& row : change.reports) {
    reports_.try_emplace({row.device_id, row.report.boot_epoch(), row.report.seq()}, row);
  }
  for (const auto& row : change.rollouts) {
    rollouts_[row.id()] = row;
  }
  for (const auto& row : change.rollout_devices) {
    rollout_devices_[{row.rollout_id(), row.device_id()}] = row;
  }
  for (const auto& row : change.baselines) {
    baselines_[row.line] = row;
  }
  for (const auto& row : change.releases) {
    releases_[{row.ref().line(), row.ref().version()}] = row;
  }
  for (const auto& row : change.tokens) {
    tokens_[row.token.id()] = row;
  }
  for (const auto& row : change.certificates) {
    certificates_.try_emplace(row.serial_hex, row);
  }
  for (const auto& row : change.revocations) {
    revocations_.try_emplace(row.serial_hex, row);
    certificates_.erase(row.serial_hex);
  }
  for (const auto& row : change.operators) {
    operators_[row.certificate_serial()] = row;
  }
  for (const auto& row : change.policies) {
    policies_[rollout::KeyOf(row)] = row;
  }
  for (const auto& row : change.audit) {
    audit_[row.seq()] = row;
  }
  return OkStatus();
}

StatusOr<FleetSnapshot> MemoryFleetStore::Load() {
  FleetSnapshot snapshot;
  CopyValues(devices_, snapshot.devices);
  CopyValues(rollouts_, snapshot.rollouts);
  CopyValues(rollout_devices_, snapshot.rollout_devices);
  CopyValues(baselines_, snapshot.baselines);
  CopyValues(releases_, snapshot.releases);
  CopyValues(tokens_, snapshot.tokens);
  CopyValues(certificates_, snapshot.certificates);
  CopyValues(revocations_, snapshot.revocations);
  CopyValues(operators_, snapshot.operators);
  CopyValues(policies_, snapshot.policies);
  snapshot.site_id = "a site in memory";
  if (!audit_.empty()) {
    snapshot.last_audit_seq = audit_.rbegin()->first;
    snapshot.last_audit_hash =
        Digest::FromBytes(AsBytes(audit_.rbegin()->second.hash())).value_or(Digest());
  }
  return snapshot;
}

StatusOr<std::vector<StoredReport>> MemoryFleetStore::RecentReports(const std::string& device_id,
                                                                    std::size_t limit) {
  std::vector<StoredReport> rows;
  for (const auto& [key, row] : reports_) {
    if (row.device_id == device_id) {
      rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end(), [](const StoredReport& a, const StoredReport& b) {
    return std::tuple(a.received_at, a.report.seq()) > std::tuple(b.received_at, b.report.seq());
  });
  if (rows.size() > limit) {
    rows.resize(limit);
  }
  return rows;
}

StatusOr<std::uint64_t> MemoryFleetStore::LastReportSeq(const std::string& device_id,
                                                        std::uint64_t boot_epoch) {
  std::uint64_t last = 0;
  for (const auto& [key, row] : reports_) {
    if (row.device_id == device_id && row.report.boot_epoch() == boot_epoch) {
      last = std::max<std::uint64_t>(last, row.report.seq());
    }
  }
  return last;
}

StatusOr<std::size_t> MemoryFleetStore::PruneReports(Time before, std::size_t limit) {
  std::vector<std::pair<Time, ReportKey>> old;
  for (auto row = reports_.begin(); row != reports_.end(); ++row) {
    const auto next = std::next(row);
    const auto outbox = [](const ReportKey& key) {
      return std::tuple(std::get<0>(key), std::get<1>(key));
    };
    const bool newest = next == reports_.end() || outbox(next->first) != outbox(row->first);
    if (!newest && row->second.received_at < before) {
      old.emplace_back(row->second.received_at, row->first);
    }
  }
  std::sort(old.begin(), old.end());
  old.resize(std::min(old.size(), limit));
  for (const auto& [time, key] : old) {
    reports_.erase(key);
  }
  return old.size();
}

StatusOr<std::vector<v1::AuditEntry>> MemoryFleetStore::AuditPage(std::uint64_t before_seq,
                                                                  std::size_t limit) {
  std::vector<v1::AuditEntry> rows;
  for (auto next = audit_.rbegin(); next != audit_.rend() && rows.size() < limit; ++next) {
    if (before_seq == 0 || next->first < before_seq) {
      rows.push_back(next->second);
    }
  }
  return rows;
}

StatusOr<std::vector<v1::AuditEntry>> MemoryFleetStore::AuditAfter(std::uint64_t after_seq,
                                                                   std::size_t limit) {
  std::vector<v1::AuditEntry> rows;
  for (auto next = audit_.upper_bound(after_seq); next != audit_.end() && rows.size() < limit;
       ++next) {
    rows.push_back(next->second);
  }
  return rows;
}

}  // namespace flotilla::controller

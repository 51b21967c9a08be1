#include "controller/storage/sql_rows.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "controller/rollout/policies.h"
#include "controller/storage/sql_values.h"

namespace flotilla::controller {
namespace {

constexpr SqlType kText = SqlType::kText;
constexpr SqlType kNumber = SqlType::kNumber;
constexpr SqlType kBody = SqlType::kBody;

// NOLINTBEGIN(cert-err58-cpp): vectors of a few names; nothing to handle if there is no memory at
// start
const SqlTable kDevices = {"devices",
                           {{"id", kText},
                            {"boot_epoch", kNumber},
                            {"report_seq", kNumber},
                            {"session_epoch", kNumber},
                            {"desired_digest", kText},
                            {"public_key", kText},
                            {"certificate_issued_at", kNumber},
                            {"token_id", kText},
                            {"body", kBody}},
                           1,
                           SqlWrite::kReplace};
const SqlTable kReports = {"reports",
                           {{"device_id", kText},
                            {"boot_epoch", kNumber},
                            {"seq", kNumber},
                            {"received_at", kNumber},
                            {"body", kBody}},
                           3,
                           SqlWrite::kKeepFirst};
const SqlTable kRollouts = {"rollouts", {{"id", kText}, {"body", kBody}}, 1, SqlWrite::kReplace};
const SqlTable kRolloutDevices = {"rollout_devices",
                                  {{"rollout_id", kText}, {"device_id", kText}, {"body", kBody}},
                                  2,
                                  SqlWrite::kReplace};
const SqlTable kBaselines = {
    "baselines",
    {{"line", kText}, {"selector", kText}, {"rollout_id", kText}, {"body", kBody}},
    1,
    SqlWrite::kReplace};
const SqlTable kReleases = {
    "releases", {{"line", kText}, {"version", kText}, {"body", kBody}}, 2, SqlWrite::kReplace};
const SqlTable kTokens = {
    "tokens", {{"id", kText}, {"secret_sha256", kText}, {"body", kBody}}, 1, SqlWrite::kReplace};
const SqlTable kCertificates = {"certificates",
                                {{"serial", kText},
                                 {"device_id", kText},
                                 {"authority", kText},
                                 {"public_key", kText},
                                 {"issued_at", kNumber},
                                 {"not_after", kNumber}},
                                1,
                                SqlWrite::kKeepFirst};
const SqlTable kRevocations = {"revocations",
                               {{"serial", kText}, {"subject", kText}, {"revoked_at", kNumber}},
                               1,
                               SqlWrite::kKeepFirst};
const SqlTable kHeldNoMore = {"certificates", {{"serial", kText}}, 1, SqlWrite::kDelete};
const SqlTable kOperators = {
    "operators", {{"serial", kText}, {"name", kText}, {"body", kBody}}, 1, SqlWrite::kReplace};
const SqlTable kPolicies = {"policies", {{"id", kText}, {"body", kBody}}, 1, SqlWrite::kReplace};
const SqlTable kAudit = {"audit", {{"seq", kNumber}, {"body", kBody}}, 1, SqlWrite::kInsert};
const SqlTable kAuditAgain = {"audit", {{"seq", kNumber}, {"body", kBody}}, 1, SqlWrite::kReplace};
const SqlTable kJournal = {
    "journal", {{"seq", kNumber}, {"bytes", kNumber}, {"body", kBody}}, 1, SqlWrite::kInsert};
const SqlTable kWords = {
    "report_words", {{"id", kNumber}, {"until", kNumber}, {"body", kBody}}, 1, SqlWrite::kInsert};
// NOLINTEND(cert-err58-cpp)

SqlRow RowOf(const StoredDevice& row) {
  return {row.record.id(),
          ToSql(row.boot_epoch),
          ToSql(row.report_seq),
          ToSql(row.session_epoch),
          row.desired_digest.ToHex(),
          row.public_key.ToHex(),
          UnixMillis(row.certificate_issued_at),
          row.token_id,
          BodyOf(row.record)};
}

SqlRow RowOf(const StoredReport& row) {
  return {row.device_id, ToSql(row.report.boot_epoch()), ToSql(row.report.seq()),
          UnixMillis(row.received_at), BodyOf(row.report)};
}

SqlRow RowOf(const v1::Rollout& row) {
  return {row.id(), BodyOf(row)};
}

SqlRow RowOf(const v1::RolloutDevice& row) {
  return {row.rollout_id(), row.device_id(), BodyOf(row)};
}

SqlRow RowOf(const rollout::LineBaseline& row) {
  return {row.line, row.selector, row.rollout_id, BodyOf(row.release)};
}

SqlRow RowOf(const v1::Release& row) {
  return {row.ref().line(), row.ref().version(), BodyOf(row)};
}

SqlRow RowOf(const StoredToken& row) {
  return {row.token.id(), row.secret_sha256.ToHex(), BodyOf(row.token)};
}

SqlRow RowOf(const HeldCertificate& row) {
  return {row.serial_hex,
          row.device_id,
          row.authority.ToHex(),
          row.public_key.ToHex(),
          UnixMillis(row.issued_at),
          UnixMillis(row.not_after)};
}

SqlRow RowOf(const Revocation& row) {
  return {row.serial_hex, row.subject, UnixMillis(row.revoked_at)};
}

SqlRow RowOf(const v1::Operator& row) {
  return {row.certificate_serial(), row.name(), BodyOf(row)};
}

SqlRow RowOf(const v1::Policy& row) {
  return {rollout::KeyOf(row), BodyOf(row)};
}

SqlRow RowOf(const v1::AuditEntry& row) {
  return {ToSql(row.seq()), BodyOf(row)};
}

// Sorts by key and leaves one row of each: the last one, or of kKeepFirst the first one.
void SortByKey(SqlBatch& batch) {
  const auto keys = static_cast<std::ptrdiff_t>(batch.table->key_columns);
  const auto less = [keys](const SqlRow& a, const SqlRow& b) {
    return std::lexicographical_compare(a.begin(), a.begin() + keys, b.begin(), b.begin() + keys);
  };
  const auto same = [keys](const SqlRow& a, const SqlRow& b) {
    return std::equal(a.begin(), a.begin() + keys, b.begin());
  };
  std::stable_sort(batch.rows.begin(), batch.rows.end(), less);
  std::vector<SqlRow>& rows = batch.rows;
  switch (batch.table->write) {
    case SqlWrite::kKeepFirst:
    case SqlWrite::kDelete:
      rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
      break;
    case SqlWrite::kReplace:
      rows.erase(rows.begin(), std::unique(rows.rbegin(), rows.rend(), same).base());
      break;
    case SqlWrite::kInsert:
    case SqlWrite::kUnspecified:
      break;
  }
}

template <typename Row>
void Add(const SqlTable& table, const std::vector<Row>& rows, std::vector<SqlBatch>& batches) {
  if (rows.empty()) {
    return;
  }
  SqlBatch batch{&table, {}};
  batch.rows.reserve(rows.size());
  for (const Row& row : rows) {
    batch.rows.push_back(RowOf(row));
  }
  SortByKey(batch);
  batches.push_back(std::move(batch));
}

void AddHeldNoMore(const std::vector<Revocation>& rows, std::vector<SqlBatch>& batches) {
  if (rows.empty()) {
    return;
  }
  SqlBatch batch{&kHeldNoMore, {}};
  for (const Revocation& row : rows) {
    batch.rows.push_back({row.serial_hex});
  }
  SortByKey(batch);
  batches.push_back(std::move(batch));
}

}  // namespace

std::vector<SqlBatch> RowsOf(const FleetChange& change) {
  std::vector<SqlBatch> batches;
  Add(kDevices, change.devices, batches);
  Add(kReports, change.reports, batches);
  Add(kRollouts, change.rollouts, batches);
  Add(kRolloutDevices, change.rollout_devices, batches);
  Add(kBaselines, change.baselines, batches);
  Add(kReleases, change.releases, batches);
  Add(kTokens, change.tokens, batches);
  Add(kCertificates, change.certificates, batches);
  Add(kRevocations, change.revocations, batches);
  AddHeldNoMore(change.revocations, batches);  // behind the certificates of the same change
  Add(kOperators, change.operators, batches);
  Add(kPolicies, change.policies, batches);
  Add(kAudit, change.audit, batches);
  return batches;
}

SqlBatch AuditReplacement(const std::vector<v1::AuditEntry>& entries) {
  SqlBatch batch{&kAuditAgain, {}};
  for (const v1::AuditEntry& entry : entries) {
    batch.rows.push_back(RowOf(entry));
  }
  return batch;
}

const std::vector<const SqlTable*>& FleetTables() {
  static const std::vector<const SqlTable*> tables = {
      &kDevices, &kReports,      &kRollouts,    &kRolloutDevices, &kBaselines, &kReleases,
      &kTokens,  &kCertificates, &kRevocations, &kOperators,      &kPolicies,  &kAudit};
  return tables;
}

const std::vector<const SqlTable*>& HotTables() {
  static const std::vector<const SqlTable*> tables = {&kDevices, &kReports, &kRolloutDevices};
  return tables;
}

const SqlTable& ReportsTable() {
  return kReports;
}

const SqlTable& JournalTable() {
  return kJournal;
}

const SqlTable& WordsTable() {
  return kWords;
}

}  // namespace flotilla::controller
